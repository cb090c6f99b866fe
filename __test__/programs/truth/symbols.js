'use strict'
// Symbols as keys: own, registered, well-known, on classes, in dictionaries, and as keys of maps and of WeakMaps where these take them.
const { many } = require('./many.js')

const shared = Symbol('shared')
const nameless = Symbol()

class PlantedKeyed {
  constructor(number) {
    this[shared] = { number }
    this[nameless] = { number }
    this[Symbol.for('registered')] = { number }
    this[Symbol(`own ${number}`)] = { number }
  }
  static [Symbol.hasInstance](value) {
    return shared in value
  }
  *[Symbol.iterator]() {
    yield this[shared]
  }
  get [Symbol.toStringTag]() {
    return 'PlantedTag'
  }
}

module.exports = async () => ({
  keyed: many(1000, (number) => new PlantedKeyed(number)),
  dictionaries: many(100, (number) => Object.fromEntries(many(60, (at) => [Symbol(`key ${at} of ${number}`), { at }]))),
  asValues: many(500, (number) => ({ symbol: Symbol(`value ${number}`) })),
  inMap: new Map(many(500, (number) => [Symbol(`in map ${number}`), { number }])),
  registered: many(500, (number) => Symbol.for(`registered ${number}`)),
  iterators: many(100, (number) => new PlantedKeyed(number)[Symbol.iterator]()),
  weak: many(100, (number) => {
    const key = Symbol(`weak ${number}`)
    try {
      return { key, map: new WeakMap([[key, { number }]]) }
    } catch {
      return { key }
    }
  }),
})
