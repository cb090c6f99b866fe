'use strict'
// Arrays of every kind of elements: huge, with holes, of doubles, of small integers, sparse, frozen, with properties of their own, and cut short.
const { many } = require('./many.js')

class PlantedArray extends Array {}

// Of a function that is not strict the arguments and the parameters are one.
const sloppy = new Function('a', 'b', 'return [arguments, () => a + b]')
const strict = new Function('"use strict"; return arguments')

module.exports = async () => {
  const huge = many(400_000, (number) => ({ number }))
  const cut = many(10_000, (number) => ({ number }))
  cut.length = 100
  const shifted = many(1000, (number) => ({ number }))
  for (let at = 0; at < 500; at++) shifted.shift()
  const holey = []
  holey[3000] = { end: true }
  for (let at = 0; at < 3000; at += 3) holey[at] = { at }
  const holeyDoubles = many(1000, (number) => number + 0.5)
  delete holeyDoubles[7]
  const sparse = many(100, (number) => {
    const array = new PlantedArray()
    for (let at = 0; at < 20; at++) array[at * 100_000 + number] = at % 2 ? { number, at } : `text ${at}`
    return array
  })
  return {
    huge, cut, shifted, holey, holeyDoubles, sparse,
    doubles: many(200_000, (number) => number / 3),
    integers: many(200_000, (number) => number),
    mixed: many(3000, (number) => [number, number / 2, `s${number}`, null, undefined, true, { number }][number % 7]),
    frozen: many(500, (number) => Object.freeze([{ number }])),
    sealed: many(500, (number) => Object.seal([{ number }, 1.5])),
    named: many(500, (number) => Object.assign([1, 2], { label: { number }, [`own${number % 3}`]: [] })),
    nested: many(500, () => [[[[{}]]]]),
    objects: many(500, (number) => ({ 0: { number }, 1: 'one', [number + 100_000]: { far: true }, x: 1 })),
    literals: many(500, () => [1, 2, 3, 'copied on write']),
    empty: many(500, () => []),
    popped: many(500, () => {
      const array = many(50, (at) => ({ at }))
      while (array.length > 3) array.pop()
      return array
    }),
    iterators: many(500, () => [{}].values()),
    sloppy: many(500, () => sloppy({ first: 1 }, { second: 2 }, { third: 3 })),
    strict: many(500, () => strict({ first: 1 })),
  }
}
