'use strict'
// Plain objects of several shapes, and objects that own arrays, tables and memory, counted in a forked child and by V8's own snapshot of the same heap: node census-parts.js DIR.
// Prints the classes of the census (with and without redaction) and what V8 says that the objects of each class own.
const fs = require('node:fs')
const http = require('node:http')
const net = require('node:net')
const path = require('node:path')
const v8 = require('node:v8')
const leakhunt = require('../../js/index.js')

const [dir] = process.argv.slice(2)
const MAIL = ['alice', 'example.com'].join('@')

class PlantedArray extends Array {}
class PlantedMap extends Map {}
class PlantedSet extends Set {}
class PlantedWeakMap extends WeakMap {}
class PlantedWide {
  constructor() {
    for (let at = 0; at < 60; at++) this[`wide${at}`] = at
  }
}

const many = (count, make) => Array.from({ length: count }, (_, number) => make(number))
function inDictionary(number) {
  const object = { plantedGone: number, plantedKeyOfData: number }
  delete object.plantedGone
  return object
}

globalThis.kept = [
  many(3000, (number) => ({ plantedId: number, plantedName: 'x', plantedAt: 0.5 })),
  many(2000, (number) => ({ [MAIL]: number, plantedData: number })),
  many(1000, (number) => ({ planted1: 1, planted2: 2, planted3: 3, planted4: 4, planted5: 5, planted6: number })),
  many(200, inDictionary),
  many(400, (number) => ({ [`plantedOnce${String.fromCharCode(97 + (number % 26), 97 + Math.trunc(number / 26))}`]: number })),
  many(1000, () => new PlantedArray(100).fill(1)),
  many(900, () => new PlantedArray(50).fill(0.5)),
  many(800, (number) => new PlantedMap([[number, number]])),
  many(700, (number) => new PlantedSet(many(20, (at) => at * number))),
  many(600, () => new PlantedWeakMap([[{}, 1]])),
  many(500, () => new PlantedWide()),
  // Literals share their elements until one is written to.
  many(20_000, () => [1, 2, 3, 4, 5, 6, 7, 8]),
  many(100, () => new ArrayBuffer(100_000)),
  many(100, () => new Uint8Array(48)),
  many(3, () => new SharedArrayBuffer(1_000_000)),
  Buffer.alloc(2_000_000, 'a').toString('latin1'),
  many(300, () => new net.Socket()),
  many(301, () => setTimeout(() => {}, 1e6).unref()),
  // Made when it is asked for.
  many(302, () => new AbortController().signal),
  many(303, () => new http.ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 })),
  net.createServer().listen(0).unref(),
]

const OWNED = new Set(['elements', 'properties', 'table', 'backing_store'])

/** By class, the size of its objects with that of what only one object has for its elements, properties, table or memory. */
function ownedByV8(file) {
  const { snapshot, nodes, edges, strings } = JSON.parse(fs.readFileSync(file, 'utf8'))
  const { node_fields: of, node_types: types, edge_types: edgeTypes } = snapshot.meta
  const [type, name, size, count] = ['type', 'name', 'self_size', 'edge_count'].map((field) => of.indexOf(field))
  const object = types[0].indexOf('object')
  const internal = edgeTypes[0].indexOf('internal')
  const owners = new Map()
  const owned = []
  let edge = 0
  for (let node = 0; node < nodes.length; node += of.length) {
    for (const end = edge + 3 * nodes[node + count]; edge < end; edge += 3) {
      if (edges[edge] !== internal || !OWNED.has(strings[edges[edge + 1]]) || nodes[node + type] !== object) continue
      const part = edges[edge + 2]
      owners.set(part, (owners.get(part) ?? 0) + 1)
      owned.push([node, part])
    }
  }
  const classes = {}
  const add = (node, bytes) => (classes[strings[nodes[node + name]]] = (classes[strings[nodes[node + name]]] ?? 0) + bytes)
  for (let node = 0; node < nodes.length; node += of.length) if (nodes[node + type] === object) add(node, nodes[node + size])
  for (const [node, part] of owned) if (owners.get(part) === 1) add(node, nodes[part + size])
  return classes
}

async function countedWith(options) {
  const hunt = leakhunt.start({ dir, hunt: false, rules: [], ...options })
  const { classes, totalBytes } = await hunt.census({ maxClasses: 1_000_000 })
  hunt.stop()
  return { classes: classes.filter(({ kind }) => kind !== 'closure'), totalBytes, sum: classes.reduce((sum, { bytes }) => sum + bytes, 0) }
}

async function main() {
  const file = path.join(dir, 'truth.heapsnapshot')
  v8.writeHeapSnapshot(file)
  const redacted = await countedWith({})
  const plain = await countedWith({ redact: false })
  process.stdout.write(JSON.stringify({ redacted, plain, v8: ownedByV8(file) }))
  process.exit()
}

setImmediate(main)
