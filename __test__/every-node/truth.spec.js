'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { CLI, answerOf, filesIn, freshDir, program, run, show } = require('../program.js')
const { compareByDesign } = require('../truth/compare.js')

/** A fast part of what `npm run truth:pages` runs, with most of what an edge can be told by. */
const PROGRAMS = ['closures', 'subclassed', 'symbols', 'weak']

const told = ({ class: name, pages, v8 }) => `${name}: ${JSON.stringify(pages)}, V8 ${JSON.stringify(v8)}`
const truthOf = (name, dir) => answerOf(['--no-flush-bytecode', '--expose-gc', program('truth.js'), name, dir])

for (const name of PROGRAMS) {
  test(`the heap of ${name} is told from its pages as V8 tells it, by one child`, async (t) => {
    const dir = freshDir(t)
    const { path: pages, v8Path } = await truthOf(name, dir)
    const { rows, paths } = await compareByDesign(pages, v8Path, dir)
    assert.ok(rows.length > 100 && rows.some(({ class: each }) => each.startsWith('Planted')), `${rows.length} classes`)
    const wrong = rows.filter((row) => row.wrong.length > 0)
    assert.strictEqual(wrong.length, 0, wrong.map(told).join('\n'))
    assert.ok(paths.length > 5, `${paths.length} paths`)
    for (const { class: of, pages: ours, v8, same } of paths) assert.ok(same, `${of}\n${ours.join('\n')}\nV8\n${v8.join('\n')}`)
  })
}

test('what WeakRef, WeakCell and FinalizationRegistry point to they do not hold', async (t) => {
  const { path: file } = await truthOf('weak', freshDir(t))
  const inspection = await leakhunt.inspect(file)
  t.after(() => inspection.close())
  const first = async (of) => (await inspection.ask({ question: 'instances', class: of, limit: 1 })).rows[0].id
  const holders = async (of) => (await inspection.ask({ question: 'holders', object: await first(of), limit: 1000 })).rows
  const from = (rows, kind) => rows.filter(({ object }) => `${object.class} ${object.name}`.includes(kind)).map(({ edge, edgeType }) => `${edgeType} ${edge}`)
  const referent = await holders('PlantedReferent')
  assert.deepStrictEqual(from(referent, 'WeakRef'), ['weak target'], JSON.stringify(referent))
  assert.deepStrictEqual(from(referent, 'WeakCell'), ['weak target'], JSON.stringify(referent))
  const token = await holders('PlantedToken')
  assert.deepStrictEqual(from(token, 'WeakCell'), ['weak unregister_token'], JSON.stringify(token))
  // What the callback is given is held, and by the registry alone.
  const note = await holders('PlantedNote')
  assert.deepStrictEqual(note.map(({ edgeType }) => edgeType), ['hidden'], JSON.stringify(note))
  const way = []
  for (let id = await first('PlantedNote'); id !== undefined; ) {
    const { object, dominator } = await inspection.ask({ question: 'show', object: id })
    way.push(object.class)
    id = dominator?.id
  }
  assert.ok(way.includes('FinalizationRegistry'), way.join(' < '))
  const { rows } = await inspection.ask({ question: 'classes', filter: 'Planted', limit: 100 })
  const of = Object.fromEntries(rows.map((row) => [row.class, row]))
  assert.strictEqual(of.PlantedReferent.count, 300)
  // The ten objects that each has, and their array: they go with it, as if nothing pointed to it weakly.
  assert.ok(of.PlantedReferent.retainedBytes > 2 * of.PlantedReferent.shallowBytes, JSON.stringify(of.PlantedReferent))
  assert.strictEqual(of.PlantedValue.count, 1000, 'one whose key is gone is gone with it')
})

test('both files are there, redacted by one rule, and named in the answer', async (t) => {
  const dir = freshDir(t)
  const hunt = leakhunt.start({ dir, hunt: false, rules: [], capture: { mode: 'inline' } })
  t.after(() => hunt.stop())
  globalThis.plantedSecret = [`a secret that was planted ${process.pid}`, { key: `another secret ${process.pid}` }]
  const details = await hunt.snapshot({ besideV8: true })
  assert.deepStrictEqual([details.mode, details.engine, details.redacted], ['fork', 'pages', true], 'whatever is said of other captures')
  assert.strictEqual(details.v8Path, details.path.replace(/\.heapsnapshot\.zst$/, '.v8.heapsnapshot.zst'))
  const base = (file) => path.basename(file)
  assert.deepStrictEqual(filesIn(dir).toSorted(), [base(details.path), base(details.sidecar), base(details.v8Path)].toSorted())
  for (const file of [details.path, details.v8Path]) {
    assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
    const plain = path.join(dir, 'plain')
    const result = await run([CLI, 'unpack', file, '-o', plain])
    assert.strictEqual(result.code, 0, show(result))
    const text = fs.readFileSync(plain, 'utf8')
    assert.ok(text.includes('plantedSecret') && !/planted \d|another secret/.test(text), file)
    fs.rmSync(plain)
  }
  const plain = await hunt.snapshot()
  assert.strictEqual(plain.v8Path, null)
})

test('a wish for both that makes no sense is refused, and leaves nothing', async (t) => {
  const dir = freshDir(t)
  const hunt = leakhunt.start({ dir, hunt: false, rules: [], capture: { maxMemoryBytes: 1 } })
  t.after(() => hunt.stop())
  for (const besideV8 of [1, 'yes', null]) await assert.rejects(hunt.snapshot({ besideV8 }), { code: 'ERR_LEAKHUNT_INVALID_OPTION' })
  await assert.rejects(hunt.snapshot({ besideV9: true }), { code: 'ERR_LEAKHUNT_UNKNOWN_OPTION' })
  await assert.rejects(hunt.snapshot({ besideV8: true }), { code: 'ERR_LEAKHUNT_NO_ROOM' })
  assert.deepStrictEqual(filesIn(dir), [])
})
