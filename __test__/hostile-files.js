'use strict'
// Snapshot files that somebody made to break a reader, each with one thing wrong: a small sound one, changed.
const fs = require('node:fs')
const path = require('node:path')
const { execFileSync } = require('node:child_process')
const { gzipSync } = require('node:zlib')

const KINDS = ['synthetic', 'object', 'string']
const META = {
  node_fields: ['type', 'name', 'id', 'self_size', 'edge_count'],
  node_types: [KINDS, 'string', 'number', 'number', 'number'],
  edge_fields: ['type', 'name_or_index', 'to_node'],
  edge_types: [['property', 'element', 'weak'], 'string_or_number', 'node'],
  location_fields: ['object_index', 'script_id', 'line', 'column'],
}

/** The root holds A, A holds B by `next`, and B holds A by `0`. */
const SECTIONS = {
  snapshot: JSON.stringify({ meta: META, node_count: 3, edge_count: 3 }),
  nodes: '[0,0,1,0,1,1,1,3,8,1,1,2,5,16,1]',
  edges: '[1,0,5,0,3,10,1,0,5]',
  locations: '[5,1,2,3]',
  strings: '["","A","B","next"]',
}
const ORDER = Object.keys(SECTIONS)

/** The text of a file: `changed` sections, in this order, with `more` before the last bracket. */
const text = (changed = {}, { order = ORDER, more = '' } = {}) => `{${order.map((name) => `"${name}":${changed[name] ?? SECTIONS[name]}`).join(',')}${more}}`

const SOUND = text()

const head = (...change) => text({ snapshot: SECTIONS.snapshot.replace(...change) })
const nodes = (...change) => text({ nodes: SECTIONS.nodes.replace(...change) })
const edges = (...change) => text({ edges: SECTIONS.edges.replace(...change) })

/** The sound file with these bytes for A's name. */
function named(...bytes) {
  const at = SOUND.indexOf('"A"') + 1
  return Buffer.concat([Buffer.from(SOUND.slice(0, at)), Buffer.from(bytes), Buffer.from(SOUND.slice(at + 1))])
}

const cutIn = (section) => SOUND.slice(0, SOUND.indexOf(`"${section}":`) + section.length + 6)

const DEEP = 2_000_000

/** Text with `length` zero bytes in place of `…`: a hole in a file takes no room on the disk. */
function writeWithHole(file, whole, length) {
  const [before, after] = whole.split('…')
  const descriptor = fs.openSync(file, 'w')
  fs.writeSync(descriptor, before)
  fs.writeSync(descriptor, after, before.length + length)
  fs.closeSync(descriptor)
}

const BLOCK = 128 << 10

/** A zstd file of `before`, `length` times `byte`, and `after`: each block of the same byte is four bytes, which no compressor is needed for. */
function zstdOf(before, byte, length, after) {
  const block = (kind, size, content, last = 0) => {
    const header = Buffer.alloc(3)
    header.writeUIntLE((size << 3) | (kind << 1) | last, 0, 3)
    return Buffer.concat([header, Buffer.from(content)])
  }
  // Magic, no size and no checksum, a window of a megabyte.
  const parts = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]), block(0, before.length, before)]
  const repeated = block(1, BLOCK, byte)
  for (let done = 0; done < length; done += BLOCK) parts.push(repeated)
  return Buffer.concat([...parts, block(0, after.length, after, 1)])
}

const GIGABYTE = 1 << 30

const truncated = (section) => new RegExp(`: snapshot ends inside \`${section}\` at byte \\d+ \\(ERR_LEAKHUNT_SNAPSHOT_TRUNCATED\\)$`)
const malformed = (section, reason) => new RegExp(`: malformed snapshot in \`${section}\` at byte \\d+: ${reason} \\(ERR_LEAKHUNT_SNAPSHOT_MALFORMED\\)$`)
const TOO_LONG = malformed('strings', 'a string is longer than 64 MiB')
const TOO_LARGE = /: snapshot is too large in `\w+` at byte \d+: .+ \(ERR_LEAKHUNT_SNAPSHOT_TOO_LARGE\)$/

/** `[what, content, answer]`: content is the file's, or a function that makes the file; the answer is the line on stderr, or null for a file that is sound. */
const FILES = [
  ...ORDER.map((section) => [`cut in ${section}`, cutIn(section), truncated(section)]),
  ['cut before its end', SOUND.slice(0, -1), truncated('top level')],
  ['empty', '', /: snapshot is empty \(ERR_LEAKHUNT_SNAPSHOT_EMPTY\)$/],
  ['more behind the end', `${SOUND}x`, /: not json at byte \d+: more text after the end \(ERR_LEAKHUNT_SNAPSHOT_NOT_JSON\)$/],
  ...ORDER.map((section) => [`two ${section}`, text({}, { order: [...ORDER, section] }), malformed(section, 'there are two')]),
  ['two counts of nodes', head('"edge_count":3', '"edge_count":3,"node_count":7'), malformed('snapshot', 'duplicate field `node_count` at .+')],
  ['too many nodes promised', head('"node_count":3', '"node_count":9'), malformed('nodes', '3 rows where `node_count` says 9')],
  ['too few edges promised', head('"edge_count":3', '"edge_count":2'), malformed('edges', '3 rows where `edge_count` says 2')],
  ['2^60 nodes promised', head('"node_count":3', `"node_count":${2n ** 60n}`), malformed('nodes', `3 rows where .+ says ${2n ** 60n}`)],
  ['a node with 2^60 edges', nodes('0,0,1,0,1', `0,0,1,0,${2n ** 60n}`), malformed('nodes', 'an edge count is too large')],
  ['a node with more edges than there are', nodes('0,0,1,0,1', '0,0,1,0,9'), malformed('edges', "3 rows where the nodes' own counts add up to 11")],
  ['a node with fewer edges than there are', nodes('0,0,1,0,1', '0,0,1,0,0'), malformed('edges', "3 rows where the nodes' own counts add up to 2")],
  ['a target beyond the nodes', edges('1,0,5', '1,0,15'), malformed('edges', 'a target is not in `nodes`')],
  ['a target inside of a node', edges('1,0,5', '1,0,6'), malformed('edges', 'a reference does not point at the start of a node')],
  ['a name beyond the strings', edges('0,3,10', '0,4,10'), malformed('edges', 'a name is not in `strings`')],
  ['a kind beyond the kinds', edges('1,0,5', '3,0,5'), malformed('edges', 'a kind is not in `edge_types`')],
  ['a row that is cut', edges('1,0,5]', '1,0]'), malformed('edges', 'the last row is not complete')],
  ['a number of 65 bits', nodes('3,8', `3,${2n ** 64n}`), malformed('nodes', 'a number does not fit 64 bits')],
  ['a negative number', nodes('3,8', '3,-8'), malformed('nodes', 'expected a number')],
  ['a promise of 68 bits', head('"node_count":3', `"node_count":${2n ** 68n}`), malformed('snapshot', '.+expected u64 at .+')],
  ['a promise that is a megabyte of text', head('"node_count":3', `"node_count":"${'x'.repeat(1_000_000)}"`), malformed('snapshot', 'invalid type: string "x{100,200}… at line 1 column \\d+')],
  ['brackets in the nodes', text({ nodes: '['.repeat(DEEP) }), malformed('nodes', 'expected a number')],
  ['brackets without an end', text({}, { more: `,"later":${'[{"a":'.repeat(DEEP)}` }).slice(0, -1), truncated('other')],
  ['no strings', text({}, { order: ['snapshot', 'nodes', 'edges'] }), malformed('strings', 'the section is missing')],
  ['strings before the header', text({}, { order: ['strings', 'nodes', 'edges', 'snapshot'] }), /: not a heap snapshot at byte \d+: no `snapshot` section comes first \(ERR_LEAKHUNT_SNAPSHOT_NOT_A_SNAPSHOT\)$/],
  ['a string of 65 MiB', (file) => writeWithHole(file, text({ strings: '["","…"]' }), 65 << 20), TOO_LONG],
  ['a bomb of blanks in .zst', zstdOf(SOUND.slice(0, -1), ' ', GIGABYTE, '}'), TOO_LARGE],
  ['a bomb of one string in .zst', zstdOf(SOUND.slice(0, -'"]}'.length), 'x', GIGABYTE, '"]}'), TOO_LONG],
  ['a bomb of blanks in .gz', (file) => fs.writeFileSync(file, Buffer.concat([gzipSync(SOUND.slice(0, -1)), ...Array(16).fill(gzipSync(Buffer.alloc(GIGABYTE / 16, ' '))), gzipSync('}')])), TOO_LARGE],
  ['a header without an end', `{"snapshot":{"${'x'.repeat(2 << 20)}`, malformed('snapshot', 'it is longer than a megabyte')],
  ['a damaged .zst', Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(64, 7)]), /: cannot decompress snapshot after byte 0 of its text: .+ \(ERR_LEAKHUNT_SNAPSHOT_CORRUPT\)$/],
  ['a .gz that is cut', gzipSync(SOUND).subarray(0, 60), /: snapshot ends inside `top level` at byte \d+ \(ERR_LEAKHUNT_SNAPSHOT_TRUNCATED\)$/],
  ['a directory', (file) => fs.mkdirSync(file), /: cannot read snapshot at byte 0: is a directory \(ERR_LEAKHUNT_SNAPSHOT_UNREADABLE\)$/],
  ['a FIFO that nobody writes to', (file) => execFileSync('mkfifo', [file]), /: cannot read snapshot at byte 0: not a regular file \(ERR_LEAKHUNT_SNAPSHOT_UNREADABLE\)$/],
  ['a device without an end', (file) => fs.symlinkSync('/dev/zero', file), /: cannot read snapshot at byte 0: not a regular file \(ERR_LEAKHUNT_SNAPSHOT_UNREADABLE\)$/],
  ['a link to itself', (file) => fs.symlinkSync(file, file), /: cannot read snapshot at byte 0: .+ \(ERR_LEAKHUNT_SNAPSHOT_UNREADABLE\)$/],

  // Odd, and yet sound.
  ['all three in a ring, with the root', edges('1,0,5]', '1,0,0]'), null],
  ['a ring that nothing leads to', text({ nodes: '[0,0,1,0,0,1,1,3,8,1,1,2,5,16,1]', edges: '[0,3,10,1,0,5]', snapshot: SECTIONS.snapshot.replace('"edge_count":3', '"edge_count":2') }), null],
  ['an object that holds itself', edges('0,3,10', '0,3,5'), null],
  ['no UTF-8', named(0xff, 0xfe), null],
  ['UTF-8 that is cut', named(0xe2, 0x82), null],
  ['half of a pair, as bytes', named(0xed, 0xa0, 0x80), null],
  ['half of a pair, escaped', named(...Buffer.from('\\ud800')), null],
  ['an id of 64 bits', nodes('3,8', `${2n ** 64n - 1n},8`), null],
  ['fields that nobody knows', text({ snapshot: SECTIONS.snapshot.replace('{', '{"new":{"a":[1e999,null,"]}"]},') }, { more: ',"later":{"a":[1,-2.5e3,"]}\\"",null,true]}' }), null],
  ['a field that nobody knows, very deep', text({}, { more: `,"later":${'['.repeat(DEEP)}${']'.repeat(DEEP)}` }), null],
  ['a gigabyte in a field that nobody knows', (file) => writeLong(file), null],
  ['strings before the nodes', text({}, { order: ['snapshot', 'strings', 'edges', 'nodes'] }), null],
]

/** Makes the file in `dir`; its path. */
function make(dir, [what, content]) {
  const file = path.join(dir, `${what.replaceAll(/[^a-z0-9]+/gi, '-')}.heapsnapshot`)
  if (typeof content === 'function') content(file)
  else fs.writeFileSync(file, content)
  return file
}

/** What a gigabyte stands in, that nobody asks for. */
const writeLong = (file) => writeWithHole(file, text({}, { more: ',"later":[[["…"]]]' }), GIGABYTE)

module.exports = { FILES, SOUND, make, writeLong }
