'use strict'
// Objects in every state: frozen, sealed, closed to extensions, as dictionaries, without a prototype, with prototypes that changed, and with many properties.
const { many } = require('./many.js')

class PlantedShape {
  constructor(number) {
    this.number = number
    this.inner = { number }
  }
}

module.exports = async () => ({
  frozen: many(1000, (number) => Object.freeze(new PlantedShape(number))),
  sealed: many(1000, (number) => Object.seal(new PlantedShape(number))),
  closed: many(1000, (number) => Object.preventExtensions(new PlantedShape(number))),
  frozenDictionaries: many(100, (number) => Object.freeze(Object.fromEntries(many(2000, (at) => [`key ${at}`, at % 50 ? at : { number }])))),
  deleted: many(500, (number) => {
    const shape = Object.assign(new PlantedShape(number), { a: {}, b: {}, c: {} })
    delete shape.a
    return shape
  }),
  deletedLast: many(500, (number) => {
    const shape = Object.assign(new PlantedShape(number), { last: {} })
    delete shape.last
    return shape
  }),
  large: many(100, (number) => Object.assign(new PlantedShape(number), Object.fromEntries(many(200, (at) => [`p${at}`, { at }])))),
  added: many(300, (number) => {
    const shape = new PlantedShape(number)
    for (let at = 0; at < 30; at++) shape[`later${at}`] = at % 2 ? at : { at }
    return shape
  }),
  bare: many(500, (number) => Object.assign(Object.create(null), { number, held: {} })),
  prototyped: many(300, (number) => Object.setPrototypeOf(new PlantedShape(number), { changed: { number } })),
  chained: many(300, (number) => Object.create(Object.create({ top: { number } }, { middle: { value: {} } }), { own: { value: { number }, enumerable: true } })),
  doubles: many(500, (number) => ({ x: number + 0.5, y: -0, z: NaN, held: { number } })),
  generalized: many(500, (number) => ({ value: number % 3 === 0 ? number : number % 3 === 1 ? number / 2 : { number } })),
  undefinedOnes: many(500, () => ({ a: undefined, b: null, c: true, d: {} })),
  methods: many(200, (number) => ({ method() { return super.toString() + number }, arrow: () => number })),
})
