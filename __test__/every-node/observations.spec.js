'use strict'
// What is odd in a real heap is told, with who holds it; what only looks like it is not, and neither changes the verdict.
const assert = require('node:assert')
const path = require('node:path')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { CLI, answerOf, freshDir, program, run, show } = require('../program.js')
const { MESSAGES, PIECES, CONTEXTS, COPIES, CLOSURES } = require('../programs/oddities/amounts.js')

const KINDS = ['sliced-parent', 'small-view', 'detached-context', 'duplicate-strings', 'similar-closures', 'huge-string']
const REDACTED = /^\[\d+ chars #[0-9a-f]{16}\]$/

/** Three snapshots of programs/oddities.js. */
const snapshotsOf = async (t, ...args) => (await answerOf([program('oddities.js'), freshDir(t), ...args])).paths

const kindsOf = ({ observations }) => observations.map(({ kind }) => kind)
const oddity = ({ observations }, kind) => observations.find((each) => each.kind === kind)
const holdersOf = ({ examples }) => new Set(examples.map(({ holder }) => holder.name))

/** Checks what is told of the heap of programs/oddities/odd.js, `rounds` times over; `isText` of a string's beginning. */
function expectAll(verdict, rounds, isText) {
  assert.deepStrictEqual(kindsOf(verdict), KINDS, JSON.stringify(verdict.observations))
  const of = (kind) => oddity(verdict, kind)

  assert.strictEqual(of('sliced-parent').count, rounds * MESSAGES)
  assert.ok(of('sliced-parent').bytes >= rounds * MESSAGES * (64 << 10))
  assert.deepStrictEqual(holdersOf(of('sliced-parent')), new Set(['parts']))
  assert.ok(isText(of('sliced-parent').examples[0].text, /^message \d+ \d+ +lorem/), JSON.stringify(of('sliced-parent')))

  // The piece in use may have one of them, and pieces of before and after the program's own work may be alone too.
  const views = of('small-view')
  assert.ok(Math.abs(views.count - rounds * PIECES) <= 8, `${views.count} of ${rounds * PIECES} pieces`)
  // Node 26 makes a piece a little larger than it says.
  const half = views.wastedBytes / views.count
  assert.ok(half >= Buffer.poolSize / 2 && half < Buffer.poolSize / 2 + 100, `${half} bytes`)
  assert.ok(holdersOf(views).has('headers'), JSON.stringify(views))

  assert.strictEqual(of('detached-context').count, rounds * CONTEXTS)
  assert.deepStrictEqual(holdersOf(of('detached-context')), new Set(['results']))

  // Node's own texts are there twice as well, a few thousand of them.
  const copies = of('duplicate-strings')
  assert.ok(copies.count >= rounds * COPIES && copies.count < rounds * COPIES + 20_000, `${copies.count} copies`)
  const [city] = copies.examples
  assert.deepStrictEqual([city.count, city.holder.name], [(rounds * COPIES) / 2, 'cities'])
  assert.ok(isText(city.text, /^a city of the country number [01]$/), city.text)

  const closures = of('similar-closures')
  assert.strictEqual(closures.count, rounds * CLOSURES)
  const { location, holder } = closures.examples[0]
  assert.deepStrictEqual([location.function, path.basename(location.script), holder.name], ['read', 'odd.js', 'replies'])

  const huge = of('huge-string')
  assert.strictEqual(huge.count, rounds + 1, JSON.stringify(huge))
  assert.deepStrictEqual(holdersOf(huge), new Set(['bodies', 'log']))
  assert.ok(huge.examples.every(({ text }) => isText(text, /^(message|line) /)), JSON.stringify(huge.examples))

  for (const { kind, examples, bytes, summary, advice } of verdict.observations) {
    assert.ok(examples.length >= 1 && examples.length <= 5, kind)
    assert.ok(examples.every((each) => each.bytes <= bytes && each.path.length > 0 && each.id > 0), kind)
    assert.ok(summary.length > 20 && advice.length > 20, kind)
  }
}

test('what is odd in a heap that grows: in one snapshot, and in three', async (t) => {
  const paths = await snapshotsOf(t, 'odd', 'each', 'true')
  const isRedacted = (text) => REDACTED.test(text)

  const one = await leakhunt.analyze([paths[0]])
  assert.strictEqual(one.verdict, 'inconclusive')
  expectAll(one, 1, isRedacted)
  for (const { growth } of one.observations) assert.strictEqual(growth, undefined)

  const three = await leakhunt.analyze(paths)
  expectAll(three, 3, isRedacted)
  for (const { kind, count, bytes, growth } of three.observations) {
    assert.ok(growth.grows, `${kind} ${JSON.stringify(growth)}`)
    assert.deepStrictEqual([growth.counts[2], growth.bytes[2]], [count, bytes])
    assert.ok(growth.bytes[0] < growth.bytes[1] && growth.bytes[1] < growth.bytes[2], kind)
  }

  await t.test('the screen shows each of them, what grows, and what to do', async () => {
    const { code, stdout, stderr } = await run([CLI, 'analyze', ...paths])
    assert.strictEqual(code, 1, stderr)
    const [, worth] = stdout.split('Worth a look\n')
    assert.strictEqual(worth.match(/^ {5}grows /gm).length, KINDS.length, worth)
    for (const said of ['slices of each', 'Buffer pool', 'out of reach', 'are copies of', 'a scope of its own', 'a megabyte']) {
      assert.ok(worth.replace(/\s+/g, ' ').includes(said), `${said} in\n${worth}`)
    }
  })
})

test('what is odd and stays as it is makes no leak', async (t) => {
  const paths = await snapshotsOf(t, 'odd', 'once', 'false')
  const verdict = await leakhunt.analyze(paths)
  assert.strictEqual(verdict.verdict, 'no-leak', JSON.stringify(verdict.suspects))
  expectAll(verdict, 1, (text, plain) => plain.test(text))
  for (const { kind, growth } of verdict.observations) assert.strictEqual(growth.grows, false, kind)
  for (const format of [[], ['--json'], ['--strict']]) {
    const result = await run([CLI, 'analyze', ...format, ...paths])
    assert.strictEqual(result.code, 0, show(result))
  }
})

for (const redact of ['true', 'false']) {
  test(`what only looks odd is left alone, ${redact === 'true' ? 'redacted' : 'as it is'}`, async (t) => {
    const paths = await snapshotsOf(t, 'alike', 'each', redact)
    assert.deepStrictEqual((await leakhunt.analyze([paths[0]])).observations, [])
    assert.deepStrictEqual((await leakhunt.analyze(paths)).observations, [])
  })
}

test('a small program has nothing odd', async (t) => {
  const { paths } = await answerOf([program('leak.js'), freshDir(t)])
  assert.deepStrictEqual((await leakhunt.analyze(paths)).observations, [])
  const text = await run([CLI, 'analyze', ...paths])
  assert.ok(!text.stdout.includes('Worth a look'), text.stdout)
})
