'use strict'
// Classes derived from what is built in, some twice, with fields of their own.
const { EventEmitter } = require('node:events')
const { many } = require('./many.js')

class PlantedArray extends Array { label = { of: 'array' } }
class PlantedMap extends Map { label = { of: 'map' } }
class PlantedSet extends Set { label = { of: 'set' } }
class PlantedWeakMap extends WeakMap { label = { of: 'weak map' } }
class PlantedError extends Error { context = { of: 'error' } }
class PlantedDeepError extends PlantedError { deeper = { of: 'error' } }
class PlantedPromise extends Promise {}
class PlantedBytes extends Uint8Array { label = { of: 'bytes' } }
class PlantedDoubles extends Float64Array {}
class PlantedBuffer extends ArrayBuffer { label = { of: 'buffer' } }
class PlantedDate extends Date { label = { of: 'date' } }
class PlantedRegExp extends RegExp { label = { of: 'regexp' } }
class PlantedFunction extends Function { label = { of: 'function' } }
class PlantedEmitter extends EventEmitter { held = [] }
class PlantedString extends String { label = { of: 'string' } }
class PlantedNumber extends Number { label = { of: 'number' } }
class PlantedUrl extends URL { label = { of: 'url' } }
class PlantedNull extends null { static make() { return Object.create(this.prototype) } }
function PlantedOld(number) { this.number = number; this.held = { number } }
PlantedOld.prototype = { constructor: PlantedOld, method() { return this.number } }
function PlantedChild(number) { PlantedOld.call(this, number) }
PlantedChild.prototype = Object.create(PlantedOld.prototype)
class PlantedTagged { get [Symbol.toStringTag]() { return 'NotThis' } held = {} }

module.exports = async () => {
  const errors = many(300, (number) => new PlantedDeepError(`failed ${number}`, { cause: new PlantedError('inner') }))
  for (const error of errors.slice(150)) error.kept = error.stack.length
  return {
    errors,
    arrays: many(500, (number) => PlantedArray.from([{ number }, number])),
    maps: many(500, (number) => new PlantedMap([[{ number }, { number }]])),
    sets: many(500, (number) => new PlantedSet([{ number }])),
    weakMaps: many(200, (number) => new PlantedWeakMap([[PlantedMap, { number }]])),
    promises: many(500, (number) => new PlantedPromise((resolve) => (number % 2 ? resolve({ number }) : null)).then(() => number)),
    bytes: many(500, (number) => new PlantedBytes(number)),
    doubles: many(500, (number) => new PlantedDoubles(number % 20)),
    buffers: many(500, (number) => new PlantedBuffer(number)),
    dates: many(500, (number) => new PlantedDate(number)),
    regExps: many(200, (number) => new PlantedRegExp(`a${number}`)),
    functions: many(100, (number) => new PlantedFunction(`return ${number}`)),
    emitters: many(300, (number) => new PlantedEmitter().on('event', () => number)),
    strings: many(300, (number) => new PlantedString(`text ${number}`)),
    numbers: many(300, (number) => new PlantedNumber(number)),
    urls: many(200, (number) => new PlantedUrl(`http://host/${number}`)),
    nulls: many(200, () => PlantedNull.make()),
    old: many(500, (number) => new PlantedOld(number)),
    children: many(500, (number) => new PlantedChild(number)),
    tagged: many(300, () => new PlantedTagged()),
  }
}
