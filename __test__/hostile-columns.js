'use strict'
// .lhgraph files that somebody made to break a reader, each with one thing wrong: a small sound one, changed. It is made after docs/lhgraph.md alone.
const { crc32 } = require('node:zlib')

const u16 = (number) => Buffer.from(Uint16Array.of(number).buffer)
const u32 = (number) => Buffer.from(Uint32Array.of(number).buffer)
const u64 = (number) => Buffer.from(BigUint64Array.of(BigInt(number)).buffer)

const SECTIONS = { nodes: 1, edges: 2, places: 3, locations: 4, detachedness: 5, text: 6, strings: 7, end: 255 }

/** A column of numbers that fit a byte each, or of bytes; nothing is packed. */
const column = (numbers, { coding = 0, packing = 0, width = 1, base = 0, bytes = Buffer.from(numbers) } = {}) =>
  Buffer.concat([Buffer.from([coding, packing, width, 0]), u32(bytes.length), u64(base), bytes])

/** The root holds A by `0`, A holds B by `next`, B comes from a place and is detached. */
const COLUMNS = {
  nodes: [column([9, 3, 2]), column([0, 1, 2]), column([0, 4, 4], { coding: 1, base: 1 }), column([0, 8, 16]), column([1, 1, 0])],
  edges: [column([1, 2]), column([3]), column([0]), column([2, 4], { coding: 3 })],
  places: [column([1]), column([2]), column([3])],
  locations: [column([2]), column([0])],
  detachedness: [column([2]), column([2])],
  text: [column(Buffer.from('ABnext'))],
  strings: [column([0, 1, 1, 4])],
  end: [],
}
const ROWS = { nodes: 3, edges: 2, places: 1, locations: 1, detachedness: 1, text: 6, strings: 4, end: 0 }

function header({ version = 1, flags = 0, writer = 'a test', ...counts } = {}) {
  const promised = ['nodes', 'edges', 'places', 'locations', 'detachedness', 'strings'].map((name) => counts[name] ?? ROWS[name])
  const bytes = Buffer.concat([Buffer.from('\x89lhgraph', 'latin1'), u32(version), u32(flags), u64(0), ...promised.map(u64), u16(writer.length), Buffer.from(writer)])
  return Buffer.concat([bytes, u32(crc32(bytes))])
}

function block(section, { rows = ROWS[section], columns = COLUMNS[section], length } = {}) {
  const body = Buffer.concat(columns)
  const head = Buffer.concat([u32(SECTIONS[section] ?? section), u32(rows), u32(length ?? body.length)])
  return Buffer.concat([head, u32(crc32(body, crc32(head))), body])
}

/** A file with these blocks instead of its own, and this header. */
const file = (changed = {}, promised = {}) => Buffer.concat([header(promised), ...Object.keys(SECTIONS).map((section) => changed[section] ?? block(section))])

/** With another column in a block. */
const edited = (section, index, other) => file({ [section]: block(section, { columns: COLUMNS[section].with(index, other) }) })

const COLUMNAR = file()

/** Cut in the middle of a section. */
function cutIn(section) {
  const before = Object.keys(SECTIONS).slice(0, Object.keys(SECTIONS).indexOf(section))
  return COLUMNAR.subarray(0, header().length + before.reduce((sum, each) => sum + block(each).length, 0) + (section === 'end' ? 7 : 20))
}

function flipped(at) {
  const bytes = Buffer.from(COLUMNAR)
  bytes[at] ^= 1
  return bytes
}

const line = (words, code) => new RegExp(`: ${words} \\(ERR_LEAKHUNT_SNAPSHOT_${code}\\)$`)
const truncated = (section) => line(`snapshot ends inside \`${section}\` at byte \\d+`, 'TRUNCATED')
const malformed = (section, reason) => line(`malformed snapshot in \`${section}\` at byte \\d+: ${reason}`, 'MALFORMED')
const damaged = (section, reason) => line(`snapshot is damaged in \`${section}\` at byte \\d+: ${reason}`, 'CORRUPT')

/** Nodes that are all alike: their kinds are one block of zstd's that repeats a byte, and the rest takes no bytes at all. */
const MOST_ROWS = 131_072
const repeated = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50, 0x03, 0x00, 0x10, 3])
const nothing = column([], { width: 0 })
const HOLLOW = block('nodes', { rows: MOST_ROWS, columns: [column([], { packing: 1, bytes: repeated }), nothing, nothing, nothing, nothing] })

/** As in hostile-files.js. */
const COLUMN_FILES = [
  ['columns: sound', COLUMNAR, null],
  ['columns: cut in the header', COLUMNAR.subarray(0, 40), truncated('header')],
  ...Object.keys(SECTIONS).map((section) => [`columns: cut in ${section}`, cutIn(section), truncated(section)]),
  ['columns: another version', file({}, { version: 2 }), line('snapshot is a .lhgraph of version 2 at byte 8: expected version 1', 'VERSION')],
  ['columns: another magic', Buffer.concat([Buffer.from('\x89lhgrapg', 'latin1'), COLUMNAR.subarray(8)]), line('not json at byte 0: expected `{`', 'NOT_JSON')],
  ['columns: flags that are not known', file({}, { flags: 6 }), malformed('header', 'flags 0x6 are not known')],
  ['columns: no nodes promised', file({}, { nodes: 0 }), malformed('header', 'there are no nodes')],
  ['columns: 2^60 edges promised', file({}, { edges: 2n ** 60n }), malformed('header', `${2n ** 60n} rows, and there are 4294967279 at most`)],
  ['columns: two thousand million nodes promised', file({}, { nodes: 2_000_000_000 }), malformed('nodes', '3 rows where the header says 2000000000')],
  ['columns: a flipped bit in the header', flipped(25), damaged('header', 'its checksum is another')],
  ['columns: a flipped bit in a block', flipped(COLUMNAR.length - 30), damaged('strings', 'the checksum of the block is another')],
  ['columns: a block of four gigabytes', file({ edges: block('edges', { length: 2 ** 32 - 1 }) }), malformed('edges', 'a block of 4294967295 bytes, expected 5243904 at most')],
  ['columns: a block longer than the file', file({ edges: block('edges', { length: 5_000_000 }) }), truncated('edges')],
  ['columns: a block of 2^32 rows', file({ edges: block('edges', { rows: 2 ** 32 - 1 }) }), malformed('edges', 'a block of 4294967295 rows, expected 1 to 131072')],
  ['columns: more behind the end', Buffer.concat([COLUMNAR, Buffer.from('x')]), malformed('end', 'there is more behind it')],
  ['columns: sections out of order', file({ edges: block('nodes'), nodes: block('edges') }), malformed('nodes', 'it comes after `edges`')],
  ['columns: a kind that there is not', edited('nodes', 0, column([9, 17, 2])), malformed('nodes', 'node 1 of the block is of no kind that there is')],
  ['columns: a name that there is not', edited('nodes', 1, column([0, 1, 4])), malformed('nodes', 'node 2 of the block has a name that is not in `strings`')],
  ['columns: a node with too many edges', edited('nodes', 4, column([1, 9, 0])), malformed('edges', "2 rows where the nodes' own counts add up to 10")],
  ['columns: a target that there is not', edited('edges', 3, column([2, 6], { coding: 3 })), malformed('edges', 'edge 1 of the block leads to no node')],
  ['columns: a location of no node', edited('locations', 0, column([3])), malformed('locations', 'row 0 of the block says 3, expected less than 3')],
  ['columns: a location at no place', edited('locations', 1, column([1])), malformed('locations', 'row 0 of the block says 1, expected less than 1')],
  ['columns: text that is no UTF-8', edited('text', 0, column([65, 0xff, 1, 1, 1, 1])), malformed('text', "byte 1 of the block's text is no UTF-8")],
  ['columns: a string longer than all text', edited('strings', 0, column([0, 1, 1, 5])), malformed('strings', 'string 3 ends behind all text')],
  ['columns: text that belongs to no string', edited('strings', 0, column([0, 1, 1, 3])), malformed('text', '6 bytes where the strings have 5')],
  ['columns: zstd that is none', edited('nodes', 3, column([0, 8, 16], { packing: 1 })), damaged('nodes', 'a column cannot be decompressed')],
  ['columns: a column of nine bytes', edited('nodes', 3, column([0, 8, 16], { width: 9 })), malformed('nodes', 'a column is 9 bytes wide')],
  ['columns: a bomb', Buffer.concat([header({ nodes: MOST_ROWS * 2000 }), ...Array(2000).fill(HOLLOW)]), line('snapshot is too large in `nodes` at byte \\d+: more than 250 times its size in memory', 'TOO_LARGE')],
]

module.exports = { COLUMN_FILES, COLUMNAR }
