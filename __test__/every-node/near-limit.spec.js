'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { CLI, answerOf, freshDir, program, run, show, until } = require('../program.js')

const TIMES = process.env.TEST_LONG ? 12 : 1
const MiB = 1024 * 1024
/** Where the size does not matter, a small heap takes less of the test's time. */
const HEAP_MIB = 64
const SMALL_MIB = 32
const HEADROOM = 64 * MiB
const V8_SAYS = /FATAL ERROR: .*JavaScript heap out of memory/

const args = (heapMiB, dir, how, options) => [`--max-old-space-size=${heapMiB}`, program('near-limit.js'), dir, how, JSON.stringify(options)]
const app = (heapMiB, dir, how, options = {}, env = {}) => run(args(heapMiB, dir, how, options), { env, cwd: dir })

const NICE = { capture: { nice: 0 } }

/** How it ended, without what differs from one run to the next. */
const ending = ({ code, signal, stderr }) => ({ code, signal, last: V8_SAYS.test(stderr) })

/** The lines that were written inside V8's call. */
function calls(dir) {
  const journal = path.join(dir, 'leakhunt.journal')
  const text = fs.existsSync(journal) ? fs.readFileSync(journal, 'utf8') : ''
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'nearLimit')
}

/** What is in `dir`, but for the control socket: an app that is aborted leaves it. */
const namesIn = (dir) => fs.readdirSync(dir).filter((name) => name !== 'leakhunt.control')

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

const DEATH = { code: null, signal: 'SIGABRT', last: true }

for (const [how, times] of [
  ['leak', 1],
  ['churn', TIMES],
]) {
  test(`an app that runs out of memory by ${how} dies as without leakhunt, and leaves its figures and a whole snapshot`, async (t) => {
    const without = await app(HEAP_MIB, freshDir(t), how, {}, { LEAKHUNT: '0' })
    assert.deepStrictEqual(ending(without), DEATH, show(without))
    for (let i = 0; i < times; i++) {
      const dir = freshDir(t)
      const result = await app(HEAP_MIB, dir, how, NICE)
      assert.deepStrictEqual(ending(result), DEATH, show(result))

      const [call, ...more] = calls(dir)
      assert.deepStrictEqual(more, [], 'once')
      assert.ok(call.heapUsedBytes > HEAP_MIB * MiB * 0.8, JSON.stringify(call))
      assert.deepStrictEqual([call.raisedToBytes, call.raisedForCapture], [call.heapLimitBytes + HEADROOM, true])

      const [snapshot, ...others] = await wholeSnapshots(dir)
      assert.deepStrictEqual(others, [])
      assert.ok(snapshot, `no snapshot: ${show(result)}`)
      const sidecar = JSON.parse(fs.readFileSync(snapshot.replace('.heapsnapshot.zst', '.json'), 'utf8'))
      assert.strictEqual(sidecar.reason, 'near-heap-limit')
      assert.deepStrictEqual([sidecar.trigger.timestamp, sidecar.trigger.heapLimitBytes], [call.atMs, call.heapLimitBytes])
      t.diagnostic(`stood still for ${sidecar.pauseMs.toFixed(1)} ms`)
      const leak = (await largest(snapshot)).find(({ count }) => count > 1_000)
      assert.strictEqual(leak.class, 'Leaked')
      assert.deepStrictEqual(leak.holder, { class: 'Array', name: 'leaked' })
    }
  })
}

test('an app that frees its memory goes on; its limit comes back, and it is captured again the next time', async (t) => {
  const dir = freshDir(t)
  const { initial, rounds, told } = await answerOf(args(SMALL_MIB, dir, 'recover', NICE))
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

test('where there is no room for a capture, the line is written, the limit gives way to the next callback, and words say why', async (t) => {
  const dir = freshDir(t)
  const options = { capture: { maxMemoryBytes: 50 * MiB } }
  // A small young generation, so that what gives way is enough for the app to go on with.
  const { initial, told } = await answerOf(['--max-semi-space-size=1', ...args(SMALL_MIB, dir, 'recover', options)])
  assert.deepStrictEqual(told.snapshots, [])
  assert.deepStrictEqual(told.skipped.map(({ reason, code }) => ({ reason, code })), Array(2).fill({ reason: 'near-heap-limit', code: 'ERR_LEAKHUNT_NO_ROOM' }))
  assert.deepStrictEqual(told.nearLimit.map(({ raisedToBytes, raisedForCapture }) => ({ raisedToBytes, raisedForCapture })), Array(2).fill({ raisedToBytes: initial + 16 * MiB, raisedForCapture: false }))
  assert.deepStrictEqual(calls(dir).map(({ raisedForCapture }) => raisedForCapture), [false, false])

  const other = freshDir(t)
  const result = await app(SMALL_MIB, other, 'leak', options)
  assert.deepStrictEqual(ending(result), DEATH, show(result))
  assert.deepStrictEqual(namesIn(other), ['leakhunt.journal', 'leakhunt.lock'])
})

test('workers at their own limits end as Node ends them, the process goes on, and one of them is captured', async (t) => {
  const dir = freshDir(t)
  const { ended, files } = await answerOf([program('near-limit-workers.js'), dir, '2'])
  assert.deepStrictEqual(ended, Array(2).fill({ code: 1, error: 'ERR_WORKER_OUT_OF_MEMORY' }))
  assert.strictEqual(calls(dir).length, 2)
  const [snapshot] = files.filter((file) => file.endsWith('.heapsnapshot.zst'))
  const leak = (await largest(path.join(dir, snapshot))).find(({ count }) => count > 1_000)
  assert.strictEqual(leak.class, 'LeakedInWorker')
})

test("Node's own snapshot near the heap limit is written as well", async (t) => {
  const dir = freshDir(t)
  // Node writes it in the process, which takes its time: hence the small headroom.
  const result = await run(['--heapsnapshot-near-heap-limit=1', ...args(SMALL_MIB, dir, 'leak', { capture: { nice: 0, headroomBytes: 32 * MiB } })], { cwd: dir })
  assert.deepStrictEqual(ending(result), DEATH, show(result))
  const ours = await wholeSnapshots(dir)
  const nodes = fs.readdirSync(dir).filter((file) => file.endsWith('.heapsnapshot'))
  assert.deepStrictEqual([ours.length, nodes.length], [1, 1], `${fs.readdirSync(dir)}\n${show(result)}`)
})

test('stop() takes the callback off, and ends a capture at the limit', async (t) => {
  for (const [how, written] of [
    ['stopped', []],
    ['stops', ['leakhunt.journal', 'leakhunt.lock']],
  ]) {
    const dir = freshDir(t)
    const result = await app(SMALL_MIB, dir, how, NICE)
    assert.deepStrictEqual(ending(result), DEATH, show(result))
    assert.deepStrictEqual(namesIn(dir), written, how)
  }
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
    const result = await app(SMALL_MIB, dir, 'leak', options, env)
    assert.deepStrictEqual(ending(result), DEATH, show(result))
    assert.deepStrictEqual(namesIn(dir), [], JSON.stringify([options, env]))
  }
})
