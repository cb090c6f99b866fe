'use strict'
// The capture child is killed: by a person, by the kernel when memory runs out, at whatever moment.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { setTimeout: delay } = require('node:timers/promises')
const { test } = require('node:test')
const { assertRefused, assertTaken, startApp } = require('../app.js')
const { assertOnlyWhole } = require('../leftovers.js')
const { childrenOf, runs, send } = require('../processes.js')
const { freshDir, until } = require('../program.js')

const MOMENTS = 12
const COUNT = 20_000

test(`the capture child is killed at ${MOMENTS} moments from its birth to its end: each is a refusal in words, or came too late`, async (t) => {
  const dir = freshDir(t)
  const app = await startApp(t, { dir, count: COUNT })
  const first = await app.snapshot()
  assertTaken(first)
  const phases = new Set()
  let late = 0
  for (let i = 0; i < MOMENTS; i++) {
    const answer = app.snapshot()
    // Whatever its name: right after the fork it has its parent's.
    const [{ pid }] = await until(() => childrenOf(app.pid).length > 0 && childrenOf(app.pid), 'a child', 60_000)
    await delay((first.durationMs * i) / MOMENTS)
    send(pid, 'SIGKILL')
    const outcome = await answer
    if (outcome.path) late++
    else {
      assertRefused(outcome, 'ERR_LEAKHUNT_CAPTURE_FAILED', /signal 9.* while it was/)
      phases.add(/while it was (.*)$/.exec(outcome.message)[1])
    }
    await app.assertUnharmed()
  }
  t.diagnostic(`${MOMENTS - late} killed, ${late} came too late; it was ${[...phases].join(', ')}`)
  assert.ok(late < MOMENTS / 2 && phases.size > 1, 'the moments are spread')
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})

test('a child that is killed while it gives its files their names has done its work, or left nothing', async (t) => {
  const dir = freshDir(t)
  const app = await startApp(t, { dir, count: COUNT })
  const told = []
  for (let i = 0; i < 3; i++) {
    const { child, answer } = await app.capturing()
    const sidecar = await until(() => fs.readdirSync(dir).find((name) => name.endsWith('.json.partial')), 'its files')
    const finished = path.join(dir, sidecar.replace('.partial', ''))
    while (runs(child) && fs.statSync(path.join(dir, sidecar), { throwIfNoEntry: false })?.size === 0) await delay(1)
    // From here on it is too short a moment to let go of the thread.
    while (runs(child) && !fs.existsSync(finished));
    send(child, 'SIGKILL')
    const outcome = await answer
    if (outcome.path) told.push(path.basename(outcome.path))
    else assertRefused(outcome, 'ERR_LEAKHUNT_CAPTURE_FAILED', /while it was syncing and renaming/)
    await app.assertUnharmed()
  }
  assert.deepStrictEqual(await assertOnlyWhole(dir), told, 'what was told is there, and what is there was told')
})

test('a child that dies of a fault over the pages each time is not tried with them again: V8 serves', async (t) => {
  const app = await startApp(t, { dir: freshDir(t), count: COUNT })
  const answer = app.snapshot()
  const killed = new Set()
  await until(() => {
    for (const { pid } of childrenOf(app.pid)) {
      if (killed.size < 3) killed.add(pid)
      if (killed.has(pid)) send(pid, 'SIGSEGV')
    }
    return killed.size === 3
  }, 'three children')
  for (const outcome of [await answer, await app.snapshot()]) {
    assertTaken(outcome)
    assert.deepStrictEqual([outcome.engine, outcome.attempts], ['v8', 1])
  }
  await app.assertUnharmed()
})

test('a child that dies of a fault is tried again with everything in it, and refused when it always does', async (t) => {
  const app = await startApp(t, { dir: freshDir(t), count: COUNT, options: { capture: { nice: 0, engine: 'v8' } } })
  const { child, answer } = await app.capturing()
  send(child, 'SIGSEGV')
  const outcome = await answer
  assertTaken(outcome)
  assert.strictEqual(outcome.attempts, 2)
  await app.assertUnharmed()

  const faulty = app.snapshot()
  const killed = new Set()
  const always = setInterval(() => {
    for (const { pid } of childrenOf(app.pid)) {
      killed.add(pid)
      send(pid, 'SIGSEGV')
    }
  }, 20)
  t.after(() => clearInterval(always))
  const refused = await faulty
  clearInterval(always)
  assertRefused(refused, 'ERR_LEAKHUNT_CAPTURE_FAILED', /signal 11 while it was/)
  assert.strictEqual(killed.size, 3)
  await app.assertUnharmed()
  assertTaken(await app.snapshot())
})

test('a child that somebody has stopped is ended at its deadline', async (t) => {
  const app = await startApp(t, { dir: freshDir(t), count: COUNT, options: { capture: { nice: 0, deadlineMs: 1500 } } })
  const { child, answer } = await app.capturing()
  send(child, 'SIGSTOP')
  assertRefused(await answer, 'ERR_LEAKHUNT_CAPTURE_DEADLINE', /capture\.deadlineMs, 1500 ms/)
  await app.assertUnharmed()
})
