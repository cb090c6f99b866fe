'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { CLI, answerOf, freshDir, program, run, show, until } = require('../program.js')

const MiB = 1024 * 1024
const HEAP_MIB = 64
const HEADROOM = 64 * MiB
const V8_SAYS = /FATAL ERROR: .*JavaScript heap out of memory/

const args = (dir, how, options) => [`--max-old-space-size=${HEAP_MIB}`, program('near-limit.js'), dir, how, JSON.stringify(options)]
const app = (dir, how, options = {}, env = {}) => run(args(dir, how, options), { env })

const NICE = { capture: { nice: 0 } }

/** How it ended, without what differs from one run to the next. */
const ending = ({ code, signal, stderr }) => ({ code, signal, last: V8_SAYS.test(stderr) })

/** The lines that were written inside V8's call. */
function calls(dir) {
  const text = fs.readFileSync(path.join(dir, 'leakhunt.journal'), 'utf8')
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'nearLimit')
}

/** The capture child outlives the app. */
async function wholeSnapshots(dir) {
  await until(() => !fs.readdirSync(dir).some((file) => file.endsWith('.partial')), () => `only whole files: ${fs.readdirSync(dir)}`, 120_000)
  return fs.readdirSync(dir).filter((file) => file.endsWith('.heapsnapshot.zst')).map((file) => path.join(dir, file))
}

/** What is large in it, by what it keeps alive. */
async function largest(file) {
  const { largest: rows } = await answerOf([CLI, 'analyze', '--json', file])
  return rows
}

for (const how of ['leak', 'churn']) {
  test(`an app that runs out of memory by ${how} dies as without leakhunt, and leaves its figures and a whole snapshot`, async (t) => {
    const dir = freshDir(t)
    const without = await app(freshDir(t), how, {}, { LEAKHUNT: '0' })
    const result = await app(dir, how, NICE)
    assert.deepStrictEqual(ending(result), ending(without), show(result))
    assert.deepStrictEqual(ending(result), { code: null, signal: 'SIGABRT', last: true }, show(result))

    const [call, ...more] = calls(dir)
    assert.deepStrictEqual(more, [], 'once')
    assert.ok(call.heapUsedBytes > HEAP_MIB * MiB * 0.8, JSON.stringify(call))
    assert.strictEqual(call.raisedToBytes, call.heapLimitBytes + HEADROOM)

    const [snapshot, ...others] = await wholeSnapshots(dir)
    assert.deepStrictEqual(others, [])
    const sidecar = JSON.parse(fs.readFileSync(snapshot.replace('.heapsnapshot.zst', '.json'), 'utf8'))
    assert.strictEqual(sidecar.reason, 'near-heap-limit')
    assert.strictEqual(sidecar.trigger.heapLimitBytes, call.heapLimitBytes)
    assert.strictEqual(sidecar.trigger.timestamp, call.atMs)
    t.diagnostic(`stood still for ${sidecar.pauseMs} ms`)
    const leak = (await largest(snapshot)).find(({ count }) => count > 1_000)
    assert.strictEqual(leak.class, 'Leaked')
    assert.deepStrictEqual(leak.holder, { class: 'Array', name: 'leaked' })
  })
}

test('an app that frees its memory goes on; its limit comes back, and it is captured again the next time', async (t) => {
  const dir = freshDir(t)
  const { initial, rounds, told } = await answerOf(args(dir, 'recover', NICE))
  for (const { raised, restored } of rounds) {
    assert.ok(raised > initial && raised <= initial + HEADROOM, `raised from ${initial} to ${raised}`)
    assert.strictEqual(restored, initial)
  }
  assert.deepStrictEqual(told.skipped, [])
  assert.deepStrictEqual(told.snapshots.map(({ reason, id }) => ({ reason, id })), Array(2).fill({ reason: 'near-heap-limit', id: null }))
  assert.deepStrictEqual(told.nearLimit.map(({ heapLimitBytes, raisedToBytes }) => ({ heapLimitBytes, raisedToBytes })), Array(2).fill({ heapLimitBytes: initial, raisedToBytes: initial + HEADROOM }))
  const times = calls(dir).map(({ atMs }) => atMs)
  assert.deepStrictEqual(told.nearLimit.map(({ timestamp }) => timestamp), times)
})

test('with captures off, the app dies as without leakhunt and nothing is written', async (t) => {
  const off = [
    [{ capture: { nearHeapLimit: false } }, {}],
    [{ capture: { mode: 'off' } }, {}],
    [{ limits: { maxCount: 0 } }, {}],
    [{}, { LEAKHUNT_NO_SNAPSHOTS: '1' }],
    [{}, { LEAKHUNT_NATIVE: '0' }],
  ]
  for (const [options, env] of off) {
    const dir = freshDir(t)
    const result = await app(dir, 'leak', options, env)
    assert.deepStrictEqual(ending(result), { code: null, signal: 'SIGABRT', last: true }, show(result))
    assert.deepStrictEqual(fs.readdirSync(dir), [], JSON.stringify([options, env]))
  }
})
