'use strict'
// Every fact about every object of a real heap, held against Chrome DevTools' own code. What differs on purpose is listed in
// docs/comparison-with-devtools.md, and only that is allowed for here.
const assert = require('node:assert')
const fs = require('node:fs')
const { test } = require('node:test')
const { pathToFileURL } = require('node:url')
const { answerOf, freshDir, program } = require('../program.js')

const { TEST_DEVTOOLS: DEVTOOLS, TEST_FACTS: FACTS } = process.env
const skip = (!DEVTOOLS && "DevTools' reader could not be had") || (!FACTS && 'the program that tells facts could not be built')

const facts = (...files) => answerOf(files, { command: FACTS })

/** DevTools marks what hangs from no document, and what Node says is detached, in its name. */
const unmarked = (name) => name.replace(/^(Detached )+/, '')

/** Holds one column against the other; says how many entries differ and shows the first few. */
function sameColumn(name, ours, theirs, describe) {
  assert.strictEqual(ours.length, theirs.length)
  const wrong = ours.flatMap((value, row) => (value === theirs[row] ? [] : [row]))
  const shown = wrong.slice(0, 10).map((row) => `${describe(row)}: leakhunt ${ours[row]}, DevTools ${theirs[row]}`)
  assert.strictEqual(wrong.length, 0, `${name} of ${wrong.length} of ${ours.length} objects\n${shown.join('\n')}`)
}

/** Rows by name; DevTools has several of one name where the file has one text twice. */
function byName(rows) {
  const sums = {}
  for (const { name, ...numbers } of rows) {
    const sum = (sums[unmarked(name)] ??= {})
    for (const [key, value] of Object.entries(numbers)) sum[key] = (sum[key] ?? 0) + value
  }
  return sums
}

/** Retained sizes from the sizes of the objects themselves: every dominator is held before what it dominates. */
function retainedFrom({ dominators }, sizes) {
  const children = dominators.map(() => [])
  dominators.forEach((dominator, row) => row > 0 && children[dominator].push(row))
  const order = [0]
  for (let at = 0; at < order.length; at++) order.push(...children[order[at]])
  assert.strictEqual(order.length, dominators.length, 'the dominator tree has every object once')
  const retained = [...sizes]
  for (const row of order.toReversed()) if (row > 0) retained[dominators[row]] += retained[row]
  return retained
}

/** What came and went by class: objects by id, of those that `counts` picks. */
function diffOf(before, after, counts) {
  const objects = ({ ids, classNames, ...columns }) =>
    new Map(ids.map((id, row) => [`${id} ${classNames[row]}`, row]).filter(([, row]) => counts(columns, row)).map(([key, row]) => [key, classNames[row]]))
  const [left, right] = [objects(before), objects(after)]
  const rows = []
  for (const [key, name] of right) if (!left.has(key)) rows.push({ name, added: 1, removed: 0 })
  for (const [key, name] of left) if (!right.has(key)) rows.push({ name, added: 0, removed: 1 })
  return byName(rows)
}

const ofClass = (rows, name) => rows.find((row) => row.name === name)

test('every object of a menagerie is what DevTools says it is', { skip }, async (t) => {
  const devtools = await import(pathToFileURL(DEVTOOLS))
  const { before, after, internals } = await answerOf([program('menagerie.js'), freshDir(t)])
  const told = []
  const snapshots = []

  for (const [when, file] of Object.entries({ before, after, internals })) {
    const ours = await facts(file)
    const snapshot = await devtools.readSnapshot(fs.createReadStream(file, 'utf8'))
    const theirs = devtools.objectsOf(snapshot)
    const describe = (row) => `@${ours.ids[row]} ${ours.classNames[row]}`
    told.push(ours)
    snapshots.push(snapshot)

    await t.test(`${when}: id, shallow size and dominator of ${ours.ids.length} objects`, () => {
      assert.ok(ours.ids.length > 50_000, `${ours.ids.length} objects are no rich heap`)
      for (const name of ['ids', 'shallowBytes', 'dominators']) sameColumn(name, ours[name], theirs[name], describe)
    })
    await t.test(`${when}: the retained size of every object`, () => {
      // What storage is as large as counts with its owner in DevTools, so storage itself retains less there, or nothing.
      const isStorage = (row) => ['(array)', '(system)', 'system / ExternalStringData'].includes(ours.classNames[row])
      const things = (sizes) => sizes.map((size, row) => (isStorage(row) ? 'storage' : size))
      sameColumn('retained size', things(ours.retainedBytes), things(theirs.retainedBytes), describe)
      sameColumn('retained size', ours.retainedBytes, retainedFrom(theirs, ours.selfBytes), describe)
      sameColumn('retained size in DevTools', retainedFrom(ours, ours.shallowBytes), theirs.retainedBytes, describe)
    })
    await t.test(`${when}: the class of every object`, () => {
      const isInferred = (name, row) => ours.classNames[row] === 'Object' && /^\{.*\}$/s.test(name)
      const known = theirs.classNames.map((name, row) => (isInferred(name, row) ? 'Object' : unmarked(name)))
      sameColumn('class', ours.classNames, known, describe)
      assert.ok(theirs.classNames.some(isInferred), 'DevTools inferred no interface: the allowance for them is not needed')
    })
    await t.test(`${when}: what is detached, and which strings are there more than once`, () => {
      assert.deepStrictEqual(ours.detached, devtools.detachedOf(snapshot))
      // A text that V8 has cut off counts as the same only for strings of one size; DevTools does not look at the size.
      const whole = (rows) => rows.filter(({ text }) => text.length < 1024).toSorted((a, b) => (a.text < b.text ? -1 : 1))
      assert.deepStrictEqual(whole(ours.duplicates), whole(devtools.duplicatesOf(snapshot)))
      assert.ok(ours.duplicates.length > 10)
    })
    await t.test(`${when}: count, shallow and retained size of every class`, () => {
      devtools.groupByName(snapshot)
      assert.deepStrictEqual(byName(ours.classes), byName(devtools.classesOf(snapshot)))
    })
  }

  await t.test('what came and what went, of every class', async () => {
    const { join, rows } = await facts(before, after)
    assert.strictEqual(join, 'by-id')
    // DevTools leaves out what has no size of its own. Nothing else may differ.
    const sized = ({ shallowBytes }, row) => shallowBytes[row] > 0
    assert.deepStrictEqual(diffOf(...told.slice(0, 2), sized), byName(devtools.diffOf(...snapshots.slice(0, 2)).map(({ name, added, removed }) => ({ name, added, removed }))))
    const moved = rows.filter(({ added, removed }) => added > 0 || removed > 0)
    assert.deepStrictEqual(byName(moved.map(({ name, added, removed }) => ({ name, added, removed }))), diffOf(...told.slice(0, 2), () => true))
    for (const row of rows) assert.strictEqual(row.added - row.removed, row.countAfter - row.countBefore, row.name)
    assert.ok(ofClass(rows, 'Point').added >= 1100 && ofClass(rows, 'Point').removed >= 700, JSON.stringify(ofClass(rows, 'Point')))
    assert.ok(ofClass(rows, '(concatenated string)').removed >= 1, 'the key that became another string')
  })
})
