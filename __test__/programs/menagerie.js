'use strict'
// One of everything that V8 and Node can put on a heap, then two snapshots by Node itself, between which things come and go, and
// one that shows V8's internals and numbers as well.
// node menagerie.js DIR
const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks')
const { EventEmitter, once } = require('node:events')
const fs = require('node:fs')
const http = require('node:http')
const net = require('node:net')
const path = require('node:path')
const { PassThrough } = require('node:stream')
const v8 = require('node:v8')
const vm = require('node:vm')
const { Worker } = require('node:worker_threads')
const zlib = require('node:zlib')

const [dir] = process.argv.slice(2)
const kept = (globalThis.kept = new Map())

class Point {
  #secret = { hidden: true }
  constructor(x, y) {
    this.x = x
    this.y = y
  }
  get secret() {
    return this.#secret
  }
}

class Special extends Map {}

function strings() {
  const half = 'the quick brown fox jumps over the lazy dog '.repeat(200)
  const cons = half + Math.random() + half
  const twoByte = `${'ключ €'.repeat(100)}${Math.random()}`
  const flat = Buffer.from('some long text that is flat from the start, '.repeat(50)).toString('latin1')
  const key = `key of ${'some length'.repeat(3)}` + Math.random()
  return { half, cons, key, sliced: flat.slice(20, 900), twoByte, flat, lone: `\ud800 ${Math.random()} \udc00`, boxed: Object('boxed'), template: String.raw`a\b${half.length}` }
}

function collections() {
  const keys = Array.from({ length: 50 }, (_, i) => ({ key: i }))
  const weakMap = new WeakMap(keys.map((key, i) => [key, { value: i, back: key }]))
  // A value that holds its own key, a chain of entries, and entries of which one end alone is held.
  const chain = keys.reduce((map, key, i) => map.set(key, keys[i + 1] ?? map), new WeakMap())
  const lost = new WeakMap([[{ nobody: 'holds the key' }, new Point(1, 2)]])
  return {
    weakMap, chain, lost, keys: keys.slice(10),
    map: new Map(keys.map((key, i) => [i % 2 ? key : `k${i}`, new Point(i, i)])),
    special: new Special([['a', 1]]),
    set: new Set(keys), weakSet: new WeakSet(keys), weakRef: new WeakRef(keys[3]), gone: new WeakRef({ soon: 'gone' }),
    iterator: new Map([[1, 2], [3, 4]]).entries(),
    sparse: Object.assign([], { 5: 'five', 100000: { far: true } }),
    doubles: [1.5, 2.5, Math.PI], holes: [, 'a', , 'b'], // eslint-disable-line no-sparse-arrays
    dictionary: Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`name ${i}`, { i }])),
    frozen: Object.freeze({ ice: [1, 2, 3] }), nothing: Object.create(null),
  }
}

function functions() {
  let counter = 0
  const big = new Array(1000).fill('captured')
  const makers = Array.from({ length: 20 }, (_, i) => () => (counter += i))
  const deep = [0, 1, 2, 3].reduce((inner, level) => () => [inner, level, big], () => counter)
  function* numbers() {
    const local = new Point(7, 8)
    yield local
    yield counter
  }
  async function waits(on) {
    const local = { waiting: true }
    await on
    return local
  }
  const generator = numbers()
  generator.next()
  const never = new Promise(() => {})
  return {
    makers, deep, generator, never, waiting: waits(never),
    chained: never.then(() => big, () => makers), settled: Promise.all([1, waits(2)]), bound: deep.bind({ self: 1 }, big),
    proxy: new Proxy(new Point(1, 1), { get: (target, name) => target[name] ?? makers }),
    revoked: (({ proxy, revoke }) => (revoke(), { proxy }))(Proxy.revocable({}, {})),
    evaluated: new Function('a', 'return () => a')(big),  
    accessor: Object.defineProperty({}, 'late', { get: () => big, enumerable: true }),
  }
}

function values() {
  const symbol = Symbol('mine')
  const shared = new SharedArrayBuffer(4096)
  const bytes = new ArrayBuffer(10_000)
  return {
    symbol, registered: Symbol.for('ours'), bySymbol: { [symbol]: 'value' }, big: 2n ** 200n, date: new Date(0),
    regExp: /(a+)b(?<name>c)/giu, ran: Object(/x(.)/.exec('axyz')), error: new Error('with a cause', { cause: new TypeError('inner') }),
    views: [new Uint8Array(bytes, 5, 10), new Float64Array(16), new DataView(bytes), new Int32Array(shared)], shared,
    buffer: Buffer.alloc(100_000, 1), slice: Buffer.from('pooled'), intl: new Intl.NumberFormat('de'), heapNumber: { pi: 3.14159, minusZero: -0 },
    wasm: new WebAssembly.Instance(new WebAssembly.Module(Buffer.from('0061736d0100000005030100010707010366 6f6f0200'.replaceAll(' ', ''), 'hex'))),
  }
}

function shapes() {
  let list = null
  for (let i = 0; i < 3000; i++) list = { next: list, payload: i % 10 ? i : new Point(i, i) }
  const ring = { name: 'ring' }
  let last = ring
  for (let i = 0; i < 300; i++) last = last.next = { previous: last, ring }
  last.next = ring
  // A list with an index, a diamond, and a lattice that has many ways to its end.
  const indexed = []
  for (let at = list; at !== null; at = at.next) if (typeof at.payload === 'object') indexed.push(at)
  let row = [{ bottom: true }, { bottom: true }]
  for (let i = 0; i < 50; i++) row = [{ left: row[0], right: row[1] }, { left: row[1], right: row[0] }]
  return { list, ring, indexed, lattice: row }
}

async function things() {
  const server = http.createServer((request, response) => response.write('half an answer'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const requests = Array.from({ length: 5 }, () => http.get({ port: server.address().port, agent: new http.Agent({ keepAlive: true }) }))
  const responses = await Promise.all(requests.map(async (request) => (await once(request, 'response'))[0]))
  const raw = net.connect(server.address().port, '127.0.0.1')
  await once(raw, 'connect')
  const emitter = new EventEmitter().on('never', () => kept).on('never', function named() {})
  const controller = new AbortController()
  controller.signal.addEventListener('abort', () => emitter)
  const storage = new AsyncLocalStorage()
  const timer = storage.run({ request: 7 }, () => setInterval(() => kept, 1e6))
  const target = new EventTarget()
  target.addEventListener('x', () => target, { once: true })
  const realm = vm.createContext({ inside: { of: 'a context' } })
  const foreign = vm.runInContext('({ array: [1, 2, 3], f: () => inside })', realm)
  // Its global object is dropped, and one function from inside keeps its whole context.
  const left = vm.runInNewContext('var held = new Array(100).fill({}); () => held')
  const worker = new Worker('setInterval(() => {}, 1e6); require("node:worker_threads").parentPort.postMessage("up")', { eval: true })
  await once(worker, 'message')
  const { port1, port2 } = new MessageChannel()
  return {
    server, requests, responses, raw, emitter, controller, storage, timer, target, realm, foreign, left, worker, port1, port2,
    gzip: zlib.createGzip(), through: new PassThrough(), watcher: fs.watch(dir), resource: new AsyncResource('Mine'),
    registry: Object.assign(new FinalizationRegistry(() => kept), { watched: new FinalizationRegistry(() => {}) }),
    script: new vm.Script('globalThis'), url: new URL('http://user@host.example/path?query#hash'), encoder: new TextEncoder(),
    stream: new ReadableStream({ pull() {} }), blob: new Blob(['content']),
  }
}

async function main() {
  kept.set('strings', strings()).set('collections', collections()).set('functions', functions())
  kept.set('values', values()).set('shapes', shapes()).set('things', await things())
  kept.set('leaving', Array.from({ length: 700 }, (_, i) => new Point(i, `leaves ${i}`)))
  const before = v8.writeHeapSnapshot(path.join(dir, 'before.heapsnapshot'))
  kept.delete('leaving')
  kept.set('coming', Array.from({ length: 1100 }, (_, i) => ({ point: new Point(i, i), text: `comes ${i}` })))
  kept.get('collections').dictionary['name 7'] = new Special([[{}, {}]])
  // Reading a character makes the pieces of a string one; as a key it becomes another string's shadow, and changes its class.
  kept.get('strings').cons.charCodeAt(9000)
  kept.set('keyed', { [kept.get('strings').key]: 1 })
  const after = v8.writeHeapSnapshot(path.join(dir, 'after.heapsnapshot'))
  const internals = v8.writeHeapSnapshot(path.join(dir, 'internals.heapsnapshot'), { exposeInternals: true, exposeNumericValues: true })
  console.log(JSON.stringify({ before, after, internals }))
  process.exit()
}

main()
