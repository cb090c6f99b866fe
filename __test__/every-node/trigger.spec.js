'use strict'
const assert = require('node:assert')
const { test } = require('node:test')
const { answerOf, freshDir, program } = require('../program.js')

test('a threshold that is held makes a snapshot, and one that is crossed for a moment does not', async (t) => {
  const { duringSpike, held, SAMPLES, LIMIT } = await answerOf(['--expose-gc', program('spike.js'), freshDir(t)])

  assert.ok(duringSpike.length > 0 && duringSpike.length < SAMPLES, `the spike was seen in ${duringSpike.length} samples`)
  assert.deepStrictEqual(duringSpike.crossings, [])
  assert.deepStrictEqual(duringSpike.snapshots, [])

  assert.deepStrictEqual(held.skipped, [])
  const [crossing] = held.crossings
  assert.strictEqual(crossing.metric, 'external')
  assert.strictEqual(crossing.limitBytes, LIMIT)
  assert.ok(crossing.samples >= SAMPLES && crossing.valueBytes >= held.bytes)
  const [snapshot] = held.snapshots
  assert.strictEqual(snapshot.id, null)
  assert.strictEqual(snapshot.mode, 'fork')
  assert.match(snapshot.path, /Heap\.\d{8}\.\d{6}\.\d+\.0\.\d+\.heapsnapshot\.zst$/)
})

test('the preload alone does the same, configured by the environment', async (t) => {
  const dir = freshDir(t)
  const env = { LEAKHUNT_DIR: dir, LEAKHUNT_INTERVAL_MS: '50', LEAKHUNT_EXTERNAL_BYTES: '50MiB', LEAKHUNT_CAPTURE_NICE: '0' }
  const { files } = await answerOf(['--require', './js/register.js', program('hold-external.js'), dir], { env })
  assert.strictEqual(files.filter((file) => file.endsWith('.heapsnapshot.zst')).length, 1, `snapshots: ${files}`)
  assert.strictEqual(files.filter((file) => file.endsWith('.json')).length, 1, `sidecars: ${files}`)
})
