'use strict'
// Private fields, methods and accessors, static blocks, computed names, getters and setters, and classes made many times over.
const { many } = require('./many.js')

class PlantedVault {
  #secret
  #list = [{ hidden: true }]
  static #count = 0
  static registry = new Map()
  static {
    this.registry.set('made in a static block', { when: 'early' })
  }
  constructor(number) {
    this.#secret = { number }
    PlantedVault.#count++
  }
  #method() {
    return this.#secret
  }
  get #own() {
    return this.#list
  }
  set secret(value) {
    this.#secret = value
  }
  get secret() {
    return [this.#method(), this.#own]
  }
  static has(value) {
    return #secret in value && this.#count > 0
  }
}

class PlantedDerived extends PlantedVault {
  #more = { more: true }
  accessorLike = { plain: true };
  ['computed'] = { computed: true }
  get more() {
    return this.#more
  }
}

const mixin = (Base, number) =>
  class PlantedMixed extends Base {
    static held = { number }
    #mixed = { number }
    get mixed() {
      return this.#mixed
    }
  }

// Returns another object from a constructor: private fields on what is no instance.
class PlantedStamper {
  constructor(object) {
    return object
  }
}
class PlantedStamp extends PlantedStamper {
  #stamp = { stamped: true }
  static of(object) {
    return object.#stamp
  }
}

module.exports = async () => ({
  vaults: many(2000, (number) => new PlantedVault(number)),
  derived: many(1000, (number) => new PlantedDerived(number)),
  mixed: many(200, (number) => new (mixin(PlantedVault, number))(number)),
  stamped: many(500, (number) => {
    const object = { number }
    new PlantedStamp(object)
    return object
  }),
  accessors: many(500, (number) => ({ get lazy() { return number }, set lazy(value) { this.own = value }, [`get${number % 5}`]: { number } })),
  defined: many(500, (number) => Object.defineProperties({}, { a: { get: () => number, enumerable: true }, b: { value: { number }, writable: false }, c: { set(value) { this.d = value }, configurable: true } })),
  registry: PlantedVault.registry,
})
