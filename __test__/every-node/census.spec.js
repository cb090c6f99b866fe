'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { answerOf, filesIn, freshDir, program } = require('../program.js')

/**
 * Objects by which a class may differ from what V8 says: the wish for the census, its promise and their functions, which the snapshot before it has not, and some
 * prototypes of the language's own.
 */
const FEW = 10

const show = (rows) => rows.slice(0, 12).map(({ key, census, v8 }) => `${key}: ${census.count} (${census.bytes} bytes), V8 ${v8.count} (${v8.bytes})`).join('\n')

test('a census counts what was planted, as V8 does', async (t) => {
  const dir = freshDir(t)
  const { counts, figures, events, planted, differences } = await answerOf([program('census.js'), dir])
  const of = (name, kind) => counts.find((each) => each.name === name && each.kind === kind)

  await t.test('each class is exact', () => {
    for (const [name, count] of Object.entries(planted)) {
      const counted = of(name, 'object')?.count ?? 0
      // The prototype of a class is an object of the class that the next one is derived from.
      const prototypes = name === 'PlantedOther' ? 1 : 0
      assert.strictEqual(counted, count + prototypes, name)
    }
    assert.strictEqual(of('plantedHandler', 'closure').count, planted.PlantedItem)
  })

  await t.test('classes and closures have their place in the source', () => {
    const lines = fs.readFileSync(program('census.js'), 'utf8').split('\n')
    for (const [name, kind] of [['PlantedItem', 'object'], ['PlantedDerived', 'object'], ['PlantedOldStyle', 'object'], ['plantedHandler', 'closure']]) {
      const { script, line, column } = /^(?<script>.+):(?<line>\d+):(?<column>\d+)$/.exec(of(name, kind).location).groups
      assert.strictEqual(script, program('census.js'))
      // V8 has a function begin at its parameters, and a class at its constructor, or at the word `class` where it has none.
      const text = lines.slice(line - 1, Number(line) + 1).join('\n').slice(column - 1)
      assert.match(text, name === 'PlantedDerived' ? /^class PlantedDerived/ : /^\(/, `${name}: ${text}`)
    }
  })

  await t.test("V8's own snapshot of the same heap has the same classes with the same counts and bytes", () => {
    const wrong = differences.filter(({ census, v8 }) => {
      const objects = Math.abs(census.count - v8.count)
      const bytes = Math.abs(census.bytes - v8.bytes)
      return objects > Math.max(FEW, v8.count / 1000) || (objects <= FEW && bytes > Math.max(1024, v8.bytes / 100))
    })
    assert.strictEqual(wrong.length, 0, show(wrong))
  })

  await t.test('every byte in use is accounted for', () => {
    const { totalBytes, heapUsedBytes, unnamedBytes } = figures
    assert.ok(Math.abs(totalBytes + unnamedBytes - heapUsedBytes) < heapUsedBytes / 1000, JSON.stringify(figures))
    assert.ok(unnamedBytes < heapUsedBytes / 10_000, JSON.stringify(figures))
  })

  await t.test('it is told by the promise and by the event, and leaves no file', () => {
    assert.deepStrictEqual(events, [figures.id])
    assert.ok(figures.pauseMs > 0 && figures.pauseMs < figures.durationMs, JSON.stringify(figures))
    assert.deepStrictEqual(filesIn(dir), ['truth.heapsnapshot'])
  })
})

test('the objects of another isolate are not counted', async (t) => {
  const { inMain, inWorker } = await answerOf([program('census-worker.js'), freshDir(t)])
  assert.deepStrictEqual([inMain.main, inMain.worker], [3000, 0])
  assert.deepStrictEqual([inWorker.worker, inWorker.main], [4000, 0])
  for (const { totalBytes, heapUsedBytes } of [inMain, inWorker]) assert.ok(Math.abs(totalBytes - heapUsedBytes) < heapUsedBytes / 1000, `${totalBytes} of ${heapUsedBytes}`)
})

test('a census that cannot be made is refused with a reason', async (t) => {
  const off = leakhunt.start({ dir: freshDir(t), hunt: false, rules: [], capture: { mode: 'off' } })
  await assert.rejects(off.census(), { code: 'ERR_LEAKHUNT_CAPTURE_OFF' })
  for (const request of [7, { maxClasses: 0 }, { maxClasses: '9' }]) await assert.rejects(off.census(request), { code: 'ERR_LEAKHUNT_INVALID_OPTION' })
  await assert.rejects(off.census({ classes: 9 }), { code: 'ERR_LEAKHUNT_UNKNOWN_OPTION' })
  off.stop()
  await assert.rejects(off.census(), { code: 'ERR_LEAKHUNT_STOPPED' })
  const hunt = leakhunt.start({ dir: freshDir(t), hunt: false, rules: [] })
  const [first, second] = await Promise.allSettled([hunt.census({ maxClasses: 5 }), hunt.census()])
  hunt.stop()
  assert.strictEqual(first.status, 'fulfilled', String(first.reason))
  const { classes, others, totalBytes, totalCount } = first.value
  const told = (figure) => classes.reduce((sum, each) => sum + each[figure], others[figure])
  assert.ok(classes.length === 5 && others.classes > 100, `${classes.length} classes and ${others.classes} others`)
  assert.deepStrictEqual([told('count'), told('bytes')], [totalCount, totalBytes])
  assert.strictEqual(second.reason?.code, 'ERR_LEAKHUNT_CAPTURE_BUSY')
  assert.deepStrictEqual(leakhunt.capabilities().pages, { available: true, way: 'native', reason: null })
})
