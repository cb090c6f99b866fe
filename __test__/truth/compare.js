'use strict'
// Two snapshots of one heap, leakhunt's from the pages and V8's own, held against each other: every class by count, shallow and retained size, and what keeps the largest.
// There is no tolerance but the bounds below. Both are looked at as they are, and without what differs by design (design.js).
const fs = require('node:fs')
const path = require('node:path')
const { spawnSync } = require('node:child_process')
const leakhunt = require('../../js/index.js')
const { rewrite } = require('./design.js')

const CLI = path.join(__dirname, '..', '..', 'js', 'cli.js')

/** Objects by which a class may differ, or the part of it, whichever is more. */
const COUNT = { objects: 3, part: 0.001 }
/** The part by which shallow and retained sizes may differ. */
const SIZE = 0.01
/** Classes that retain less are not held to it. */
const RETAINED_AT_LEAST = 1024
/** The largest classes by what they retain: the same has to keep them. */
const PATHS = 10

/** Objects of a class that retain the same are looked at together: which of them comes first is chance. Where so many do, none is more than the others, and no way is told. */
const ALIKE = 60

const CLASSES = 10_000
const MOST_STEPS = 100

async function open(file) {
  const inspection = await leakhunt.inspect(file)
  const { rows } = await inspection.ask({ question: 'classes', limit: CLASSES })
  return { inspection, classes: new Map(rows.map((row) => [row.class, row])) }
}

/** What keeps the object of a class that retains most: the classes of its dominators, up to the root. Of several that retain the same, each different way. */
async function dominatorsOf({ inspection, classes }, name) {
  if (!classes.has(name)) return []
  const { rows } = await inspection.ask({ question: 'instances', class: name, limit: ALIKE })
  const ways = new Set()
  const alike = rows.filter(({ retainedBytes }) => retainedBytes === rows[0].retainedBytes)
  if (alike.length === ALIKE) return null
  for (const { id } of alike) ways.add((await wayOf(inspection, id)).join(' < '))
  return [...ways].toSorted()
}

async function wayOf(inspection, of) {
  const way = []
  for (let id = of; id !== undefined && way.length < MOST_STEPS; ) {
    const { object, dominator } = await inspection.ask({ question: 'show', object: id })
    way.push(object.class === '(synthetic)' ? object.name : object.class)
    id = dominator?.id
  }
  return way
}

const NONE = { count: 0, shallowBytes: 0, retainedBytes: 0 }

/** How far apart the two are, as a part of V8's. */
const apart = (one, other) => (one === other ? 0 : Math.abs(one - other) / Math.max(other, 1))

/** What of a class is out of bounds. */
function wrongOf(ours, v8) {
  const wrong = []
  if (Math.abs(ours.count - v8.count) > Math.max(COUNT.objects, COUNT.part * v8.count)) wrong.push('count')
  if (apart(ours.shallowBytes, v8.shallowBytes) > SIZE) wrong.push('shallow')
  if (Math.max(ours.retainedBytes, v8.retainedBytes) > RETAINED_AT_LEAST && apart(ours.retainedBytes, v8.retainedBytes) > SIZE) wrong.push('retained')
  return wrong
}

/** The two files as they are. */
async function compare(pagesFile, v8File) {
  const [pages, v8] = [await open(pagesFile), await open(v8File)]
  try {
    const names = [...new Set([...v8.classes.keys(), ...pages.classes.keys()])]
    const rows = names.map((name) => {
      const [ours, theirs] = [pages.classes.get(name) ?? NONE, v8.classes.get(name) ?? NONE]
      return { class: name, pages: ours, v8: theirs, wrong: wrongOf(ours, theirs) }
    })
    const largest = [...v8.classes.values()].toSorted((one, other) => other.retainedBytes - one.retainedBytes).slice(0, PATHS)
    const paths = []
    for (const { class: name } of largest) {
      const [ours, theirs] = [await dominatorsOf(pages, name), await dominatorsOf(v8, name)]
      if (ours !== null && theirs !== null) paths.push({ class: name, pages: ours, v8: theirs, same: ours.some((way) => theirs.includes(way)) })
    }
    return { rows, paths }
  } finally {
    pages.inspection.close()
    v8.inspection.close()
  }
}

/** The two files without what differs by design. What is written for it is in `dir`, and goes again. */
async function compareByDesign(pagesFile, v8File, dir) {
  const files = [pagesFile, v8File].map((file, at) => {
    const [plain, changed] = ['plain', 'changed'].map((what) => path.join(dir, `${what}-${at}.heapsnapshot`))
    const { status, stderr } = spawnSync(process.execPath, [CLI, 'unpack', file, '-o', plain], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${file} could not be unpacked: ${stderr}`)
    rewrite(plain, changed)
    fs.rmSync(plain)
    return changed
  })
  try {
    return await compare(...files)
  } finally {
    for (const file of files) fs.rmSync(file)
  }
}

module.exports = { compare, compareByDesign }
