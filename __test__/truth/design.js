'use strict'
// What differs by design between the graph from the pages and V8's own (docs/heap-pages.md), as changes to a snapshot after which the two have to be the same. Each is exact: nothing
// else is overlooked by it.
const fs = require('node:fs')

const CONTEXT_FIELDS = ['extension', 'global_object']

/** What one of the two alone can know of. Nodes that are left out take their references with them. */
const LEFT_OUT = [
  { why: "Node's C++ objects tell V8 of themselves; nothing of it is on the heap", is: ({ name }) => name.startsWith('Node / ') },
  { why: 'up to Node 22 V8 adds to each script where its lines end, when it takes a snapshot', is: ({ name }) => name === '(script line ends)' },
]

/**
 * C++ objects that V8 takes for one with their wrapper from Node 24 on: it calls the wrapper after them, and adds their bytes. Such a one has a map, as all that is on the heap. It gets
 * its class and its own size again, and loses what it refers to as a C++ object.
 */
const MERGED = new Map([
  ['Node / ContextifyContext', { class: 'Object', bytes: 64 }],
  ['Node / ContextifyScript', { class: 'Script', bytes: 56 }],
])

/** What V8 lets go of at its next collection if nothing but its own lists has it: there is one between the two. */
const DYING = /^system \/ (?:AllocationSite|(?:Atom|Ir)RegExpData|RegExpDataWrapper)$/

/**
 * Roots that both tell by the same rule. Handles, the stack and V8's tables, which are outside of the heap, are left out of both: V8 knows all of them, and
 * leakhunt strong global handles, and of the stack and the tables what nothing else holds.
 */
const TOLD_BY_BOTH = ['(Read-only roots)', '(Internalized strings)', '(External strings)']
const NATIVE_CONTEXT = 'system / NativeContext'

/** A graph in columns: what of a `.heapsnapshot` the changes need. */
function columns({ snapshot, nodes, edges, strings }) {
  const { node_fields: fields, node_types: types, edge_fields: edgeFields, edge_types: edgeTypes } = snapshot.meta
  const at = Object.fromEntries(fields.map((field, index) => [field, index]))
  const edgeAt = Object.fromEntries(edgeFields.map((field, index) => [field, index]))
  const [width, edgeWidth] = [fields.length, edgeFields.length]
  const count = nodes.length / width
  const first = new Uint32Array(count + 1)
  for (let node = 0; node < count; node++) first[node + 1] = first[node] + nodes[node * width + at.edge_count]
  const kindOf = (edge) => edgeTypes[0][edges[edge * edgeWidth + edgeAt.type]]
  // References that are none of what is on the heap.
  const isNone = new Set()
  const edgeName = (edge) => strings[edges[edge * edgeWidth + edgeAt.name_or_index]]
  return {
    count, first, kindOf, edgeName, isNone, width, edgeWidth, at, edgeAt,
    name: (node) => strings[nodes[node * width + at.name]],
    type: (node) => types[0][nodes[node * width + at.type]],
    target: (edge) => edges[edge * edgeWidth + edgeAt.to_node] / width,
    holds: (edge) => kindOf(edge) !== 'weak' && kindOf(edge) !== 'shortcut' && !isNone.has(edge),
  }
}

/** Walks along references that hold, from `roots`; marks what is reached, and notes it when all behind it has been. */
function walker({ first, target, holds }, isOut, reached) {
  return (from, finished = null) => {
    if (reached[from]) return false
    reached[from] = 1
    const open = [from]
    const next = [first[from]]
    while (open.length > 0) {
      const node = open.at(-1)
      const edge = next.at(-1)
      if (edge === first[node + 1]) {
        finished?.push(node)
        open.pop()
        next.pop()
        continue
      }
      next[next.length - 1]++
      const to = target(edge)
      if (holds(edge) && !isOut[to] && !reached[to]) {
        reached[to] = 1
        open.push(to)
        next.push(first[to])
      }
    }
    return true
  }
}

/** What the root has to hold so that all is held: what nothing holds, and rings that nothing holds, whole: of which of their objects native code has a handle is not on the heap. */
function heldByRoot(graph, isOut, known) {
  const { count, first, target, holds, type } = graph
  const isHeld = new Uint8Array(count)
  for (let node = 0; node < count; node++) {
    if (isOut[node] || type(node) === 'synthetic') continue
    for (let edge = first[node]; edge < first[node + 1]; edge++) if (target(edge) !== node && holds(edge)) isHeld[target(edge)] = 1
  }
  for (const node of known) isHeld[node] = 1
  const all = Array.from({ length: count }, (_, node) => node).filter((node) => !isOut[node] && type(node) !== 'synthetic')
  const held = all.filter((node) => !isHeld[node])
  const reached = new Uint8Array(count)
  const walk = walker(graph, isOut, reached)
  for (const node of [...known, ...held]) walk(node)
  const left = []
  for (const node of all) if (!reached[node]) walk(node, left)
  const holders = new Map(left.map((node) => [node, []]))
  for (const node of left) for (let edge = first[node]; edge < first[node + 1]; edge++) if (holds(edge)) holders.get(target(edge))?.push(node)
  for (const node of left) reached[node] = 0
  // The last one to be done with reaches all that the walk came to from it; what reaches it in turn is its ring (Kosaraju).
  for (const node of left.reverse()) {
    if (!walk(node)) continue
    const ring = new Set([node])
    for (const member of ring) for (const holder of holders.get(member)) ring.add(holder)
    held.push(...ring)
  }
  return held
}

/** Tells what V8 has merged apart again. */
function unmerge({ nodes, strings, snapshot }, { count, first, width, at, name, kindOf, edgeName, isNone }) {
  const object = snapshot.meta.node_types[0].indexOf('object')
  for (let node = 0; node < count; node++) {
    const merged = MERGED.get(name(node))
    if (merged === undefined) continue
    let hasMap = false
    for (let edge = first[node]; edge < first[node + 1]; edge++) hasMap ||= edgeName(edge) === 'map'
    if (!hasMap) continue
    for (let edge = first[node]; edge < first[node + 1]; edge++) if (kindOf(edge) === 'element') isNone.add(edge)
    nodes[node * width + at.type] = object
    // A class is one by the number of its name.
    const known = strings.indexOf(merged.class)
    nodes[node * width + at.name] = known < 0 ? strings.push(merged.class) - 1 : known
    nodes[node * width + at.self_size] -= merged.bytes
  }
}

/** Changes a snapshot in place. */
function withoutWhatIsByDesign(document) {
  const graph = columns(document)
  unmerge(document, graph)
  const { count, first, width, edgeWidth, at, edgeAt, kindOf, edgeName, isNone, name, type, target } = graph
  const isOut = Uint8Array.from({ length: count }, (_, node) => (node > 0 && LEFT_OUT.some(({ is }) => is({ name: name(node) })) ? 1 : 0))
  const parts = [...Array(count).keys()].filter((node) => type(node) === 'synthetic' && !isOut[node])
  const known = new Set()
  for (const part of parts.filter((node) => TOLD_BY_BOTH.includes(name(node)))) {
    for (let edge = first[part]; edge < first[part + 1]; edge++) if (!isOut[target(edge)]) known.add(target(edge))
  }
  // The context of the program, or the global object in it, is what the root has a shortcut to.
  const shortcuts = new Set()
  for (let edge = first[0]; edge < first[1]; edge++) if (kindOf(edge) === 'shortcut') shortcuts.add(target(edge))
  const isOfProgram = (context) => {
    for (let edge = first[context]; edge < first[context + 1]; edge++) if (CONTEXT_FIELDS.includes(edgeName(edge)) && shortcuts.has(target(edge))) return true
    return shortcuts.has(context)
  }
  for (let node = 0; node < count; node++) if (name(node) === NATIVE_CONTEXT && isOfProgram(node)) known.add(node)
  const held = [...known, ...heldByRoot(graph, isOut, known).filter((node) => !DYING.test(name(node)))]
  const reached = new Uint8Array(count)
  const walk = walker(graph, isOut, reached)
  for (const node of held) walk(node)
  for (let node = 1; node < count; node++) if (!reached[node] && type(node) !== 'synthetic') isOut[node] = 1
  const gcRoots = parts.find((node) => name(node) === '(GC roots)')
  const { nodes, edges, snapshot } = document
  const types = snapshot.meta.edge_types[0]
  const kept = []
  const keep = (edge) => {
    for (let field = 0; field < edgeWidth; field++) kept.push(edges[edge * edgeWidth + field])
  }
  for (let node = 0; node < count; node++) {
    const before = kept.length
    if (node === gcRoots) {
      for (const [index, to] of held.entries()) {
        const edge = Array(edgeWidth).fill(0)
        edge[edgeAt.type] = types.indexOf('element')
        edge[edgeAt.name_or_index] = index + 1
        edge[edgeAt.to_node] = to * width
        kept.push(...edge)
      }
    } else if (!isOut[node] && (type(node) !== 'synthetic' || node === 0)) {
      for (let edge = first[node]; edge < first[node + 1]; edge++) if (!isOut[target(edge)] && !isNone.has(edge)) keep(edge)
    }
    nodes[node * width + at.edge_count] = (kept.length - before) / edgeWidth
    // Without a size it is in no list of classes.
    if (isOut[node]) nodes[node * width + at.self_size] = 0
  }
  document.edges = kept
  snapshot.edge_count = kept.length / edgeWidth
  return document
}

/** The same from file to file; both are plain JSON. */
function rewrite(from, to) {
  fs.writeFileSync(to, JSON.stringify(withoutWhatIsByDesign(JSON.parse(fs.readFileSync(from, 'utf8')))))
}

module.exports = { rewrite }
