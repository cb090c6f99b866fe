'use strict'
// Plants objects that hold others in many ways, has the heap's graph written from its pages and by V8, and prints where the two files are: node graph.js DIR. With a second
// argument, three snapshots from the pages while sessions leak, redacted; where that is `both`, each in both formats.
const path = require('node:path')
const v8 = require('node:v8')
const { EventEmitter } = require('node:events')
const leakhunt = require('../../js/index.js')

const [dir, leaking] = process.argv.slice(2)

class LeakedSession {
  constructor(number) {
    this.sid = `sess-${number}-${((number * 2654435761) >>> 0).toString(36)}`
    this.user = { name: `u${number}`, scopes: ['a', `b${number}`] }
    this.payload = new Array(16).fill(number)
    this.touched = 0
  }
  touch() {
    this.touched++
  }
}
class PlantedOutside {}
class PlantedDictionary {}
class PlantedAccessor {
  get value() {
    return this.held
  }
}
class PlantedMap extends Map {}
class PlantedSet extends Set {}
class PlantedBytes extends Uint8Array {}
class PlantedPromise extends Promise {}
class PlantedSparse extends Array {}
class PlantedKey {}
class PlantedValue {}

const bus = new EventEmitter().setMaxListeners(0)
let sessions = 0
function leak(count) {
  for (let number = sessions; number < sessions + count; number++) {
    const session = new LeakedSession(number)
    bus.on('tick', function onTick() {
      session.touch()
    })
  }
  sessions += count
}

function many(count, make) {
  return Array.from({ length: count }, (_, number) => make(number))
}

function* counting(number) {
  const local = { number }
  yield local
  return local
}

const weak = new WeakMap()
const planted = {
  bus,
  weak,
  keys: many(300, (number) => {
    const key = new PlantedKey()
    weak.set(key, Object.assign(new PlantedValue(), { held: [number, { number }] }))
    return key
  }),
  outside: many(500, (number) => {
    const object = new PlantedOutside()
    for (let at = 0; at < 24; at++) object[`p${at}`] = { number, at }
    object[Symbol('planted')] = { number }
    return object
  }),
  dictionaries: many(500, (number) => {
    const object = new PlantedDictionary()
    for (let at = 0; at < 40; at++) object[`d${at}`] = { number, at }
    delete object.d7
    return object
  }),
  accessors: many(500, (number) => Object.defineProperty(Object.assign(new PlantedAccessor(), { held: { number } }), 'own', { get: () => number, enumerable: true, configurable: true })),
  maps: many(500, (number) => new PlantedMap([[{ key: number }, { value: number }]])),
  sets: many(500, (number) => new PlantedSet([{ number }, `set-${number}`])),
  bytes: many(500, (number) => new PlantedBytes(100 + number)),
  promises: many(500, (number) => PlantedPromise.resolve({ number })),
  waiting: many(500, (number) => new PlantedPromise(() => {}).then(() => number)),
  sparse: many(50, (number) => {
    const array = new PlantedSparse()
    array[1_000_000 + number] = { number }
    return array
  }),
  generators: many(500, (number) => {
    const generator = counting(number)
    generator.next()
    return generator
  }),
  bound: many(500, (number) => counting.bind({ number }, { number })),
  proxies: many(500, (number) => new Proxy({ number }, { get: () => number })),
  strings: many(500, (number) => [`${'long '.repeat(20)}${number}${'tail'.repeat(9)}`, `sliced-${number}-`.repeat(20).slice(3, 90)]),
}
globalThis.planted = planted
leak(2000)

async function main() {
  const hunt = leakhunt.start({ dir, hunt: false, rules: [], redact: leaking !== undefined, capture: { engine: 'pages' } })
  if (leaking === undefined) {
    // V8 goes first: up to Node 22 it adds to each script where its lines end, and keeps that.
    const truth = path.join(dir, 'truth.heapsnapshot')
    v8.writeHeapSnapshot(truth)
    const { path: pages, ...figures } = await hunt.snapshot()
    hunt.stop()
    process.stdout.write(JSON.stringify({ pages, truth, figures, sessions }))
    return
  }
  const files = []
  const columns = []
  for (let round = 0; round < 3; round++) {
    leak(1000)
    const { path: file } = await hunt.snapshot()
    files.push(file)
    if (leaking === 'both') columns.push(await hunt.snapshot({ format: 'lhgraph' }))
  }
  hunt.stop()
  process.stdout.write(JSON.stringify({ files, columns }))
}

// On a turn of its own: what the script has on its stack is gone by then.
setImmediate(main)
