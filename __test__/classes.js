'use strict'
// A census and a snapshot of V8's own, brought to one form so that they can be held against each other: by class, with counts and bytes.
const fs = require('node:fs')

/** Classes that both can tell. Others have different borders: V8 names what keeps elements and code by its owner, where a census has one class for each kind of V8's. */
const COMPARED = /^(?:object|closure|context|string|concatenated string|sliced string|bigint) /

/** V8 counts what it keeps in read-only memory, which all isolates share, as each one's own: its own strings, and maps. A census leaves that out. */
const IN_READ_ONLY_MEMORY = new Set(['string '])

function add(classes, key, count, bytes) {
  const tally = classes.get(key) ?? { count: 0, bytes: 0 }
  classes.set(key, { count: tally.count + count, bytes: tally.bytes + bytes })
}

/** The classes of a `.heapsnapshot`, by kind and name. */
function classesOfSnapshot(file) {
  const { snapshot, nodes, strings } = JSON.parse(fs.readFileSync(file, 'utf8'))
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field))
  const classes = new Map()
  for (let at = 0; at < nodes.length; at += fields.length) {
    // Without a size of their own they are no objects on V8's heap: roots, and what embedders add.
    if (nodes[at + size] === 0) continue
    add(classes, keyOfNode(types[0][nodes[at + type]], strings[nodes[at + name]]), 1, nodes[at + size])
  }
  return classes
}

function keyOfNode(type, name) {
  if (name === 'system / Context' || name === 'system / NativeContext') return 'context '
  // V8 does not call a proxy an object, and has no name for what holds a native pointer.
  if (name === 'system / JSProxy') return 'object Proxy'
  if (type === 'regexp') return 'object RegExp'
  if (type === 'object' || type === 'closure') return `${type} ${name}`
  return ['string', 'concatenated string', 'sliced string', 'bigint'].includes(type) ? `${type} ` : `(${type}) ${name}`
}

function classesOfCensus({ classes: counted }) {
  const classes = new Map()
  for (const { kind, name, count, bytes } of counted) add(classes, keyOfClass(kind, name), count, bytes)
  return classes
}

function keyOfClass(kind, name) {
  if (kind === 'context') return 'context '
  // V8 does not tell plain objects apart.
  if (name === 'ExternalObject' || name.startsWith('Object {')) return 'object Object'
  if (kind === 'object' || kind === 'closure') return `${kind} ${name}`
  if (kind === 'string') return `${{ '(concatenated string)': 'concatenated string', '(sliced string)': 'sliced string' }[name] ?? 'string'} `
  return name === 'BigInt' ? 'bigint ' : `(${kind}) ${name}`
}

/** Where the two disagree, the largest difference first: counts, and bytes where the counts agree. */
function differences(census, file) {
  const [ours, v8s] = [classesOfCensus(census), classesOfSnapshot(file)]
  const none = { count: 0, bytes: 0 }
  return [...new Set([...ours.keys(), ...v8s.keys()])]
    .filter((key) => COMPARED.test(key) && !IN_READ_ONLY_MEMORY.has(key))
    .map((key) => ({ key, census: ours.get(key) ?? none, v8: v8s.get(key) ?? none }))
    .filter(({ census: one, v8: other }) => one.count !== other.count || one.bytes !== other.bytes)
    .toSorted((one, other) => Math.abs(other.census.bytes - other.v8.bytes) - Math.abs(one.census.bytes - one.v8.bytes))
}

module.exports = { classesOfCensus, classesOfSnapshot, differences }
