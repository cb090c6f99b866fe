'use strict'
// Makes src/redact/known-names.txt: the names that a bare Node has on its heap, from the stock binaries of every major. Run it when a major comes or
// goes: node scripts/known-names.js
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { ROOT, say, must } = require('./say.js')
const { ensurePackages, ensureNodes } = require('./setup.js')

const OUT = path.join(ROOT, 'src', 'redact', 'known-names.txt')

/** Has Node make at least one object of most kinds, since many names are only on instances. Runs in a directory and an environment of its own. */
async function exercise(file) {
  const { builtinModules } = require('node:module')
  const kept = []
  const wanted = builtinModules.filter((name) => !/^(node:)?(trace_events|wasi|sys|punycode|_)/.test(name))
  for (const name of wanted) {
    try {
      kept.push(require(name))
    } catch {
      // Not in this build.
    }
  }
  kept.push(require('node:vm').createContext({ kept }))
  const { once } = require('node:events')
  const http = require('node:http')
  const net = require('node:net')
  const agent = new http.Agent({ keepAlive: true })
  const server = http.createServer((request, response) => {
    kept.push(request, response)
    request.resume().on('end', () => response.end('ok'))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address()
  const request = http.request({ port, agent, method: 'POST', headers: { 'content-type': 'text/plain' } })
  request.end('x')
  const [response] = await once(request, 'response')
  kept.push(await fetch(`http://127.0.0.1:${port}`).then((answer) => answer.text()), request, response.resume())
  const socket = net.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const { Worker, MessageChannel } = require('node:worker_threads')
  const worker = new Worker('require("node:worker_threads").parentPort.once("message", () => {})', { eval: true })
  await once(worker, 'online')
  const { execFile } = require('node:child_process')
  const child = execFile(process.execPath, ['-e', '0'])
  const stream = require('node:stream')
  const zlib = require('node:zlib')
  const crypto = require('node:crypto')
  const { performance, PerformanceObserver } = require('node:perf_hooks')
  const { AsyncLocalStorage } = require('node:async_hooks')
  const { subscribe } = require('node:diagnostics_channel')
  const observer = new PerformanceObserver(() => {})
  observer.observe({ entryTypes: ['gc', 'measure'] })
  subscribe('x', () => {})
  const timers = [setTimeout(() => {}, 1e6), setInterval(() => {}, 1e6), setImmediate(() => {})]
  const gate = new stream.PassThrough()
  stream.pipeline(stream.Readable.from(['a']), zlib.createGzip(), gate, () => {})
  const error = new Error('x', { cause: new AggregateError([]) })
  const signal = AbortSignal.any([new AbortController().signal, AbortSignal.timeout(1e6)])
  const storage = new AsyncLocalStorage()
  storage.enterWith({})
  kept.push(socket, worker, child, observer, timers, gate, error, signal, storage, new MessageChannel(), new URL('http://a/'), new URLSearchParams('a=b'))
  kept.push(new Blob(['a']), new FormData(), new Headers(), new Request('http://a/'), new Response('a'), new ReadableStream(), new WritableStream())
  kept.push(new TransformStream(), new CompressionStream('gzip'), new TextEncoder(), new TextDecoder(), new EventTarget(), new Event('x'))
  kept.push(structuredClone(new Map([[1, new Date(0)]])), new WeakRef({}), new FinalizationRegistry(() => {}), Promise.withResolvers?.(), performance.now())
  kept.push(crypto.createHash('sha256'), crypto.createHmac('sha256', 'x'), crypto.createSecretKey(Buffer.alloc(16)), crypto.webcrypto)
  kept.push(fs.createReadStream(process.execPath, { end: 1 }), fs.watch('.'), new Intl.DateTimeFormat('en'), new Intl.NumberFormat('en'))
  kept.push([].values(), new Map().entries(), 'a'.matchAll(/(?<x>a)/g), (function* () {})(), (async function* () {})(), new Proxy({}, {}))
  await new Promise((resolve) => setTimeout(resolve, 100))
  require('node:v8').writeHeapSnapshot(file)
  process.exit(kept.length > 0 ? 0 : 1)
}

/** A name within a name: of an accessor, of a property under a symbol. */
const inner = (name) => /^[gs]et (?<name>.+)$/s.exec(name)?.groups.name ?? /^<symbol (?<name>.+)>$/s.exec(name)?.groups.name ?? name

// What is no name: paths, command line flags, bare numbers, and what holds a long one.
const isName = (name) => name !== '' && name.length <= 80 && !/^[-/.\d]|\d{5}|[\n"\\]|\/\/|\.(?:js|mjs|cjs|json|pem)\b/.test(name) && /^[\x20-\x7e]+$/.test(name)

function namesIn(file) {
  const { snapshot, nodes, edges, strings } = JSON.parse(fs.readFileSync(file, 'utf8'))
  const { node_fields: nodeFields, node_types: nodeTypes, edge_types: edgeTypes } = snapshot.meta
  const names = new Set()
  const objects = nodeTypes[0].indexOf('object')
  for (let i = 0; i < nodes.length; i += nodeFields.length) if (nodes[i] === objects) names.add(inner(strings[nodes[i + 1]]))
  const properties = edgeTypes[0].indexOf('property')
  for (let i = 0; i < edges.length; i += 3) if (edges[i] === properties) names.add(inner(strings[edges[i + 1]]))
  return names
}

/** What two runs have in common: the rest is ports, directories and the like. */
function namesOf(node) {
  const runs = [1, 2].map(() => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-names-'))
    try {
      must(node, ['--no-warnings', __filename, 'exercise', path.join(dir, 'heap')], { cwd: dir, env: {} })
      return namesIn(path.join(dir, 'heap'))
    } finally {
      fs.rmSync(dir, { recursive: true, force: true })
    }
  })
  return [...runs[0]].filter((name) => runs[1].has(name) && isName(name))
}

function main() {
  ensurePackages()
  const all = new Set()
  for (const { name, path: node, version, reason } of ensureNodes()) {
    if (node === undefined) throw new Error(`${name}: ${reason}`)
    const names = namesOf(node)
    say(`Node ${version}: ${names.length} names`)
    for (const each of names) all.add(each)
  }
  const sorted = [...all].map((name) => Buffer.from(name)).toSorted(Buffer.compare)
  fs.writeFileSync(OUT, sorted.map((name) => `${name}\n`).join(''))
  say(`${path.relative(ROOT, OUT)}: ${all.size} names`)
}

if (process.argv[2] === 'exercise') exercise(process.argv[3])
else main()
