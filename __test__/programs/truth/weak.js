'use strict'
// What does not hold: WeakMaps and WeakSets with keys that stay, WeakRefs, a FinalizationRegistry, and chains of entries.
const { many } = require('./many.js')

class PlantedKey {
  constructor(number) {
    this.number = number
  }
}
class PlantedValue {
  constructor(number) {
    this.list = [number, { number }]
  }
}
class PlantedReferent {
  constructor(number) {
    this.bytes = many(10, (at) => ({ at, number }))
  }
}
class PlantedToken {}
class PlantedNote {
  note = { held: 'by the registry' }
}

module.exports = async () => {
  const keys = many(1000, (number) => new PlantedKey(number))
  const map = new WeakMap(keys.map((key, number) => [key, new PlantedValue(number)]))
  const twice = new WeakMap(keys.slice(0, 500).map((key) => [key, map.get(key)]))
  const chain = new WeakMap()
  const head = keys.reduce((before, key) => (chain.set(before, { next: key }), key), { head: true })
  const referents = many(300, (number) => new PlantedReferent(number))
  const registry = new FinalizationRegistry(() => {})
  const tokens = referents.map((referent) => {
    const token = new PlantedToken()
    registry.register(referent, new PlantedNote(), token)
    return token
  })
  return {
    keys, map, twice, chain, head, referents, registry, tokens,
    backwards: new WeakMap(keys.map((key) => [key, { key }])),
    set: new WeakSet(keys),
    refs: referents.map((referent) => new WeakRef(referent)),
    lost: new WeakMap([[{ nobody: 'has the key' }, new PlantedValue(0)]]),
    dead: new WeakRef({ soon: 'gone' }),
    small: many(500, (number) => new WeakMap([[keys[number], { number }]])),
    onFunctions: new WeakMap([[many, { on: 'a function' }], [PlantedKey, { on: 'a class' }]]),
  }
}
