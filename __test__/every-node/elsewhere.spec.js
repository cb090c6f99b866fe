'use strict'
// Memory of a real process that grows where no snapshot shows it: said, and said where; and what only looks like it is not.
const assert = require('node:assert')
const fs = require('node:fs')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { CLI, answerOf, freshDir, program, run, show } = require('../program.js')

const MiB = 1024 * 1024

const snapshots = async (t, how) => (await answerOf([program('elsewhere.js'), freshDir(t), how])).paths
const sidecarOf = (path) => path.replace(/\.heapsnapshot\.zst$/, '.json')

test('a thread whose heap grows is not in the snapshots of another, and the verdict says so', async (t) => {
  const paths = await snapshots(t, 'worker')
  const { verdict, summary, elsewhere, notes } = await leakhunt.analyze(paths)
  const said = JSON.stringify({ verdict, summary, elsewhere, notes })
  assert.strictEqual(verdict, 'no-leak', said)
  assert.strictEqual(elsewhere?.kind, 'native', said)
  assert.match(summary, /, but the process grows: the resident set grew by .* that V8 knows nothing of$/)
  assert.match(elsewhere.advice, /worker threads/)
  assert.ok(elsewhere.growthBytes > 120 * MiB, said)
  const recorded = paths.map((path) => JSON.parse(fs.readFileSync(sidecarOf(path), 'utf8')).recorded.rssBytes)
  assert.deepStrictEqual(elsewhere.residentBytes, recorded)

  const shown = await run([CLI, 'analyze', ...paths])
  assert.strictEqual(shown.code, 0, show(shown))
  assert.match(shown.stdout, /Not in this heap\n {3}the resident set grew/)

  fs.writeFileSync(sidecarOf(paths[1]), '{"snapshot": 1}')
  const without = await leakhunt.analyze(paths)
  assert.strictEqual(without.elsewhere, null)
  assert.match(without.notes.join(), /was not compared: .*json: is no sidecar/)
  fs.rmSync(sidecarOf(paths[1]))
  const unknown = await leakhunt.analyze(paths)
  assert.deepStrictEqual([unknown.elsewhere, unknown.notes], [null, notes])
})

test('buffers that the snapshots show are not elsewhere', async (t) => {
  const { verdict, elsewhere, suspects } = await leakhunt.analyze(await snapshots(t, 'buffers'))
  assert.strictEqual(verdict, 'leak')
  assert.strictEqual(elsewhere, null, JSON.stringify(elsewhere))
  assert.ok(suspects[0].retainedBytes[3] > 190 * MiB)
})

test('threads that come and go leave nothing to tell', async (t) => {
  const { verdict, elsewhere } = await leakhunt.analyze(await snapshots(t, 'workers'))
  assert.strictEqual(verdict, 'no-leak')
  assert.strictEqual(elsewhere, null, JSON.stringify(elsewhere))
})
