'use strict'
// Proxies: of objects, arrays and functions, revoked ones, proxies of proxies, and Reflect's bound things.
const { many } = require('./many.js')

class PlantedTarget {
  constructor(number) {
    this.number = number
    this.inner = { number }
  }
}
class PlantedHandler {
  log = []
  get(target, name) {
    this.log.push(name)
    return target[name]
  }
}

module.exports = async () => ({
  objects: many(2000, (number) => new Proxy(new PlantedTarget(number), new PlantedHandler())),
  arrays: many(500, (number) => new Proxy([{ number }], {})),
  functions: many(500, (number) => new Proxy(() => number, { apply: () => number })),
  classes: many(200, () => new Proxy(PlantedTarget, {})),
  doubled: many(500, (number) => new Proxy(new Proxy(new PlantedTarget(number), {}), new PlantedHandler())),
  revoked: many(500, (number) => {
    const { proxy, revoke } = Proxy.revocable(new PlantedTarget(number), {})
    revoke()
    return { proxy }
  }),
  revocable: many(500, (number) => Proxy.revocable(new PlantedTarget(number), {})),
  inherited: many(500, (number) => Object.create(new Proxy(new PlantedTarget(number), {}))),
})
