'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { inspect } = require('../../js/index.js')
const { answerOf, filesIn, freshDir, program } = require('../program.js')

const UNSUPPORTED = 'ERR_LEAKHUNT_PAGES_UNSUPPORTED'
const WRONG = /55 of 54 planted LeakhuntLandmark/

/** A copy of this very Node without the words by which debuggers, and leakhunt, know how its heap is laid out. */
function nodeWithoutMetadata(t) {
  const binary = fs.readFileSync(process.execPath)
  const [from, to] = ['v8dbg_', 'v8abc_'].map((text) => Buffer.from(text))
  for (let at = binary.indexOf(from); at >= 0; at = binary.indexOf(from, at)) to.copy(binary, at)
  const copy = path.join(freshDir(t), 'node')
  fs.writeFileSync(copy, binary, { mode: 0o755 })
  return copy
}

const engines = ({ snapshots }) => snapshots.map(({ engine }) => engine)

test('the pages are read by default, and what was planted comes out right', async (t) => {
  const dir = freshDir(t)
  const { snapshots, census, errors, pages } = await answerOf([program('engine.js'), dir, 'auto'])
  assert.deepStrictEqual(engines({ snapshots }), ['pages', 'pages'])
  assert.deepStrictEqual(errors, [])
  assert.ok(census.totalCount > 10_000)
  assert.deepStrictEqual(pages, { available: true, way: 'native', reason: null })
  const heap = await inspect(snapshots[0].path)
  const { rows } = await heap.ask({ question: 'classes', filter: 'LeakhuntLandmark' })
  heap.close()
  assert.strictEqual(rows.find((row) => row.class === 'LeakhuntLandmark').count, 54)
})

test('where something planted comes out wrong, V8 serves from then on, and that is said once', async (t) => {
  const dir = freshDir(t)
  const { snapshots, census, errors, pages } = await answerOf([program('engine.js'), dir, 'auto', 'impostor'])
  assert.deepStrictEqual(engines({ snapshots }), ['v8', 'v8'])
  assert.deepStrictEqual(errors.map(({ code }) => code), [UNSUPPORTED])
  assert.match(errors[0].message, WRONG)
  assert.strictEqual(census.code, UNSUPPORTED)
  assert.deepStrictEqual([pages.available, pages.way], [false, 'off'])
  assert.match(pages.reason, WRONG)
  assert.strictEqual(filesIn(dir).length, 4, 'two snapshots with their sidecars, and nothing of the first attempt')
})

test('who wants the pages alone is refused, and gets no file', async (t) => {
  const dir = freshDir(t)
  const { snapshots, errors } = await answerOf([program('engine.js'), dir, 'pages', 'impostor'])
  assert.deepStrictEqual(snapshots.map(({ code }) => code), [UNSUPPORTED, UNSUPPORTED])
  for (const { message } of snapshots) assert.match(message, WRONG)
  assert.deepStrictEqual([errors, filesIn(dir)], [[], []])
})

test('an executable that does not say how its heap is laid out has V8 make its snapshots, and that is said once', async (t) => {
  const dir = freshDir(t)
  const { snapshots, census, errors, pages } = await answerOf([program('engine.js'), dir, 'auto'], { command: nodeWithoutMetadata(t) })
  assert.deepStrictEqual(engines({ snapshots }), ['v8', 'v8'])
  assert.deepStrictEqual(errors.map(({ code }) => code), [UNSUPPORTED])
  assert.match(errors[0].message, /v8dbg_/)
  assert.strictEqual(census.code, UNSUPPORTED)
  assert.strictEqual(pages.available, false)
})
