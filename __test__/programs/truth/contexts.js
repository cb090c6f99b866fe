'use strict'
// Realms of node:vm: with and without globals of their own, functions and classes from inside, scripts with and without cached data, and one that was let go.
const vm = require('node:vm')
const { many } = require('./many.js')

class PlantedSandbox {
  constructor(number) {
    this.number = number
    this.shared = { number }
  }
}

const INSIDE = `
  class PlantedInside { constructor(n) { this.n = n; this.list = [n, { n }] } }
  var made = Array.from({ length: 50 }, (_, n) => new PlantedInside(n))
  ;({ made, make: () => new PlantedInside(shared) })
`

module.exports = async () => {
  const realms = many(15, (number) => {
    const sandbox = vm.createContext(new PlantedSandbox(number))
    return { sandbox, result: vm.runInContext(INSIDE, sandbox) }
  })
  const script = new vm.Script(INSIDE, { filename: 'inside.js', produceCachedData: true })
  return {
    realms, script,
    left: many(5, () => vm.runInNewContext('var held = new Array(100).fill({}); () => held')),
    compiled: many(30, (number) => vm.compileFunction(`return ${number} + outer`, ['outer'], { contextExtensions: [{ outer: { number } }] })),
    evaluated: many(30, (number) => (0, eval)(`(function plantedEvaluated() { return ${number} })`)),
    thisContext: many(10, (number) => vm.runInThisContext(`({ number: ${number}, f() {} })`)),
  }
}
