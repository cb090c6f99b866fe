'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { CLI, answerOf, freshDir, program, run, show } = require('../program.js')

/** Classes that differ by design (docs/heap-pages.md), and what the one capture has in hand while the other looks. */
const BY_DESIGN = /^(?:\(|system \/|Node \/|global|BuiltinModule$|Function$|process$|Performance|Intl|Hunt$|Timeout$|TimersList$|Immediate|.*DisposableStack$|String$|Number$|Boolean$)/

/** Answers of `leakhunt inspect` to questions about a file. */
async function ask(file, ...questions) {
  const result = await run([CLI, 'inspect', file, '--json'], { input: questions.map((question) => `${JSON.stringify(question)}\n`).join('') })
  assert.strictEqual(result.code, 0, show({ ...result, stdout: result.stdout.slice(0, 1000) }))
  return result.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

async function classesOf(file) {
  const [{ rows }] = await ask(file, { question: 'classes', limit: 100_000 })
  return new Map(rows.map((row) => [row.class, row]))
}

/** The ways by which the first object of a class is kept: what holds what, without ids. */
async function pathTo(file, className) {
  const [{ rows }] = await ask(file, { question: 'instances', class: className, limit: 1 })
  const [{ ways }] = await ask(file, { question: 'path', object: rows[0].id })
  // From Node 26 on V8 takes the native context for what the root holds, and not the global object.
  return ways[0].map((step) => step.class).filter((step) => step !== '(GC roots)')
}

const off = (one, other) => Math.abs(one - other) / Math.max(1, other)

test("the graph from the heap's pages is the one that V8's snapshot has", async (t) => {
  const dir = freshDir(t)
  // The collection before a graph lets go of code that was not used for long, the one before V8's snapshot does not.
  const { pages, truth, figures, sessions } = await answerOf(['--no-flush-bytecode', program('graph.js'), dir])
  const [ours, v8s] = [await classesOf(pages), await classesOf(truth)]
  const row = (name) => `${name}: ${JSON.stringify(ours.get(name))}, V8 ${JSON.stringify(v8s.get(name))}`

  await t.test('it says who made it', () => {
    assert.strictEqual(figures.engine, 'pages')
    assert.strictEqual(JSON.parse(fs.readFileSync(figures.sidecar, 'utf8')).engine, 'pages')
  })

  await t.test('planted classes are the same in count, shallow and retained size', () => {
    const planted = [...v8s.keys()].filter((name) => /^(?:Planted|LeakedSession)/.test(name))
    assert.strictEqual(planted.length, 11, planted.join())
    for (const name of planted) {
      assert.strictEqual(ours.get(name)?.count, v8s.get(name).count, row(name))
      assert.ok(off(ours.get(name).shallowBytes, v8s.get(name).shallowBytes) <= 0.01, row(name))
      assert.ok(off(ours.get(name).retainedBytes, v8s.get(name).retainedBytes) <= 0.01, row(name))
    }
    assert.ok(ours.get('LeakedSession').count >= sessions, row('LeakedSession'))
  })

  await t.test('so is every class of more than a kilobyte, but for those that differ by design', () => {
    const compared = [...v8s.keys()].filter((name) => v8s.get(name).retainedBytes > 1000 && !BY_DESIGN.test(name))
    assert.ok(compared.length > 40, String(compared.length))
    const apart = (name) => Math.abs((ours.get(name)?.retainedBytes ?? 0) - v8s.get(name).retainedBytes)
    const wrong = compared.filter((name) => apart(name) > Math.max(1000, v8s.get(name).retainedBytes / 100))
    // What the capture itself has in hand: its promise, its timer, its wish.
    const large = wrong.filter((name) => apart(name) > 8192)
    assert.strictEqual(large.length, 0, large.map(row).join('\n'))
    assert.ok(wrong.length <= compared.length / 10, wrong.map(row).join('\n'))
  })

  await t.test('and each is held by the same', async () => {
    for (const name of ['LeakedSession', 'PlantedMap', 'PlantedDictionary', 'PlantedOutside', 'PlantedValue']) {
      // Which of several functions is looked at is chance, and so is its place in an array, but not what leads to it.
      assert.deepStrictEqual(await pathTo(pages, name), await pathTo(truth, name), name)
    }
  })

  await t.test('variables have their names', async () => {
    const [{ rows }] = await ask(pages, { question: 'instances', class: 'LeakedSession', limit: 1 })
    const [{ ways }] = await ask(pages, { question: 'path', object: rows[0].id })
    assert.deepStrictEqual(ways[0].slice(0, 2).map(({ edge, edgeType }) => [edge, edgeType]), [['session', 'context'], ['context', 'internal']])
    assert.ok(ways[0].some(({ edge, edgeType }) => edge === 'tick' && edgeType === 'property'), JSON.stringify(ways[0]))
  })
})

test('a leak is found in redacted snapshots from pages', async (t) => {
  const { files } = await answerOf([program('graph.js'), freshDir(t), 'leaking'])
  const { verdict, suspects } = await leakhunt.analyze(files)
  assert.strictEqual(verdict, 'leak')
  const [{ class: className, cause, counts, location }] = suspects
  assert.deepStrictEqual([className, cause], ['LeakedSession', 'listener'], JSON.stringify(suspects[0]))
  assert.deepStrictEqual(counts.map((count) => count - counts[0]), [0, 1000, 2000])
  assert.ok(location.script.endsWith('programs/graph.js'), JSON.stringify(location))
})

test('what only a function has in hand is told to be on the stack', async (t) => {
  const { path: file } = await answerOf([program('on-stack.js'), freshDir(t)])
  const [{ rows }] = await ask(file, { question: 'instances', class: 'InHand', limit: 2 })
  assert.strictEqual(rows.length, 2)
  const [{ ways }] = await ask(file, { question: 'path', object: rows[0].id })
  assert.match(JSON.stringify(ways[0]), /Stack roots/)
})
