'use strict'
const assert = require('node:assert')
const { test } = require('node:test')
const { answerOf, freshDir, program } = require('../program.js')

const KINDS = { 1: 'scavenge', 2: 'minor-mark-sweep', 4: 'mark-sweep-compact', 8: 'incremental-marking', 16: 'weak-callbacks' }

test('collections, forced and natural, are equal by kind to what a PerformanceObserver counts', async (t) => {
  const { ours, theirs, events } = await answerOf(['--expose-gc', program('gc-count.js'), freshDir(t)])
  assert.deepStrictEqual(ours, theirs)
  assert.ok(ours[4] >= 5, `five collections were forced, ${ours[4]} were counted`)

  for (const event of events) {
    assert.strictEqual(event.kind, KINDS[event.kindBits])
    assert.ok(event.durationMs >= 0)
    assert.ok(event.heapUsedBeforeBytes > 0 && event.heapUsedAfterBytes > 0, JSON.stringify(event))
  }
  const times = events.map(({ timestamp }) => timestamp)
  assert.deepStrictEqual(times, times.toSorted((a, b) => a - b), 'events come in order')
  const freed = events.some(({ heapUsedBeforeBytes, heapUsedAfterBytes }) => heapUsedAfterBytes < heapUsedBeforeBytes)
  assert.ok(freed, 'no collection freed anything')
})

test('the JavaScript way counts the same, with one warning', async (t) => {
  const { ours, theirs, stderr } = await answerOf(['--expose-gc', program('gc-count.js'), freshDir(t)], { env: { LEAKHUNT_NATIVE: '0' } })
  assert.deepStrictEqual(ours, theirs)
  assert.strictEqual(stderr.match(/ERR_LEAKHUNT_FALLBACK/g)?.length, 1, stderr)
})
