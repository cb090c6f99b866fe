'use strict'
// Plants objects of many kinds, counts them in a forked child, and has V8 write a snapshot of the same heap: node census.js DIR. Prints
// the census, how it differs from the snapshot, and what was planted.
const path = require('node:path')
const v8 = require('node:v8')
const { EventEmitter } = require('node:events')
const leakhunt = require('../../js/index.js')
const { differences } = require('../classes.js')

const [dir] = process.argv.slice(2)

class PlantedItem {
  constructor(number) {
    this.number = number
    this.name = `item-${number}`
    this.tags = [number, number + 0.5]
    this.handler = function plantedHandler() {
      return number
    }
  }
}
class PlantedOther {
  constructor(number) {
    this.number = number
  }
}
class PlantedDerived extends PlantedOther {}
class PlantedMap extends Map {}
class PlantedSecret {
  #secret = 1
  get secret() {
    return this.#secret
  }
}
function PlantedOldStyle() {
  this.old = true
}
PlantedOldStyle.prototype.method = () => {}
class PlantedInDictionary {}
for (let number = 0; number < 2000; number++) PlantedInDictionary.prototype[`method${number}`] = null
delete PlantedInDictionary.prototype.method7

const PLANTED = { PlantedItem: 20_000, PlantedOther: 12_345, PlantedDerived: 777, PlantedMap: 778, PlantedSecret: 779, PlantedOldStyle: 780, PlantedInDictionary: 781, PlantedTag: 782 }

function many(count, make) {
  return Array.from({ length: count }, (_, number) => make(number))
}

const kept = [
  many(PLANTED.PlantedItem, (number) => new PlantedItem(number)),
  many(PLANTED.PlantedOther, (number) => new PlantedOther(number)),
  many(PLANTED.PlantedDerived, (number) => new PlantedDerived(number)),
  many(PLANTED.PlantedMap, (number) => new PlantedMap([[number, number]])),
  many(PLANTED.PlantedSecret, () => new PlantedSecret()),
  many(PLANTED.PlantedOldStyle, () => new PlantedOldStyle()),
  many(PLANTED.PlantedInDictionary, () => new PlantedInDictionary()),
  many(PLANTED.PlantedTag, () => ({ [Symbol.toStringTag]: 'PlantedTag' })),
  many(600, (number) => [
    new Map([[number, {}]]),
    new Set([number]),
    new WeakMap([[{}, number]]),
    new WeakRef({ number }),
    Promise.resolve(number),
    new Date(number),
    new RegExp(`a${number}`),
    Symbol(`symbol-${number}`),
    10n ** BigInt(number),
    new Error(`error-${number}`),
    new ArrayBuffer(number),
    new Uint8Array(number),
    Buffer.alloc(9000),
    new Proxy({}, {}),
    function bound() {}.bind(null),
    Object.create(null),
    Object.assign(Object.create(null), { [`key${number}`]: number }),
    Object.freeze({ number }),
    [1.5, 2.5],
    Object.assign([], { 9: number }),
    `${'é世'.repeat(number % 50)}${number}`,
    JSON.parse(`{"x":{"y":"z${number}"}}`),
    'sliced from a long text'.repeat(3).slice(number % 10, 60),
    new EventEmitter(),
    new AbortController(),
    new URL(`http://a/${number}`),
    setTimeout(() => {}, 1e6).unref(),
    (function* generator() {})(),
    [].values(),
    new Map().entries(),
    new String('boxed'),
    new Number(number),
    async () => number,
    (function sloppy() {
      return arguments
    })(1, number),
    new (class {})(),
    new Intl.NumberFormat(),
  ]),
]
globalThis.kept = kept
// Dead by the time of the census, which must not count them.
for (let number = 0; number < 1_000_000; number++) new PlantedOther(number)

async function main() {
  const hunt = leakhunt.start({ dir, hunt: false, rules: [] })
  const events = []
  hunt.on('census', (event) => events.push(event.id))
  const file = path.join(dir, 'truth.heapsnapshot')
  v8.writeHeapSnapshot(file)
  const { classes, ...figures } = await hunt.census({ maxClasses: 1_000_000 })
  hunt.stop()
  const counts = classes.filter(({ name }) => /^planted/i.test(name))
  process.stdout.write(JSON.stringify({ counts, figures, events, planted: PLANTED, classes: classes.length, differences: differences({ classes }, file) }))
}

// On a turn of its own: what the script has on its stack is gone by then.
setImmediate(main)
