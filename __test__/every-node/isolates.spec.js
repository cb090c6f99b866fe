'use strict'
// Many isolates in one process: each captured in its turn, some of them ended in the middle of it.
const assert = require('node:assert')
const { extname } = require('node:path')
const { test } = require('node:test')
const { assertRefused, assertTaken, startApp } = require('../app.js')
const { captureChildrenOf, runs } = require('../processes.js')
const { filesIn, freshDir, until } = require('../program.js')

const WORKERS = 4

async function withWorkers(t, count) {
  const app = await startApp(t, { name: 'isolates.js', dir: freshDir(t) })
  const names = Array.from({ length: count }, (_, i) => `worker ${i}`)
  for (const name of names) assert.ok((await app.ask('add', name)).ready)
  return { app, names }
}

test(`${WORKERS} isolates are captured one after the other, and all at once are told to wait`, async (t) => {
  const { app, names } = await withWorkers(t, WORKERS)
  for (const name of names) assertTaken(await app.ask('snapshotIn', name))
  const outcomes = await Promise.all([app.snapshot(), ...names.map((name) => app.ask('snapshotIn', name))])
  const taken = outcomes.filter(({ path }) => path)
  assert.ok(taken.length > 0, JSON.stringify(outcomes))
  for (const outcome of outcomes) if (!outcome.path) assertRefused(outcome, 'ERR_LEAKHUNT_CAPTURE_BUSY', /under way/)
  for (const name of names) assert.strictEqual((await app.ask('returnFrom', name)).ended, 0)
  await app.assertUnharmed()
})

/** Asks for a snapshot of a worker, and does something to the worker once the capture child is there. */
async function inMidCapture(app, name, act) {
  for (;;) {
    const outcome = app.ask('snapshotIn', name)
    let over = false
    outcome.then(() => (over = true))
    const seen = await until(() => captureChildrenOf(app.pid)[0] ?? over, 'a capture child')
    if (seen !== true) return { child: seen.pid, outcome, ended: await act(name) }
    // It was done before anybody looked: once more.
    assertTaken(await outcome)
  }
}

test('a worker that is terminated while it is captured takes its capture along', async (t) => {
  const { app, names } = await withWorkers(t, 3)
  for (const name of names) {
    const { child, ended } = await inMidCapture(app, name, () => app.ask('terminate', name))
    assert.strictEqual(ended, 1)
    await until(() => !runs(child), 'the end of the capture child')
  }
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})

test('an automatic capture goes on without its worker: what made it necessary may be what has ended the worker', async (t) => {
  const dir = freshDir(t)
  const app = await startApp(t, { name: 'isolates.js', dir })
  const options = { dir, intervalMs: 10, thresholds: { rssBytes: 1, samples: 1 }, limits: { maxCount: 1, minFreeDiskBytes: 0 }, capture: { nice: 0 } }
  assert.ok((await app.ask('add', { name: 'eager', options })).ready)
  await until(() => captureChildrenOf(app.pid)[0], 'a capture child')
  assert.strictEqual(await app.ask('terminate', 'eager'), 1)
  const files = await until(() => {
    const names = filesIn(dir)
    return !names.some((name) => name.endsWith('.partial')) && names
  }, 'the end of the capture')
  assert.deepStrictEqual(files.map((name) => extname(name)).sort(), ['.json', '.zst'])
  await app.assertUnharmed()
})

test('a worker that is terminated at any moment around the fork leaves the process well', async (t) => {
  const { app, names } = await withWorkers(t, WORKERS)
  for (const [i, name] of names.entries()) {
    const outcome = app.ask('snapshotIn', name)
    // From at once to some milliseconds later: before, at and after the fork.
    await new Promise((resolve) => setTimeout(resolve, i * 6))
    assert.strictEqual(await app.ask('terminate', name), 1)
    await outcome
  }
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})

test('a worker that returns while it is captured lives until its snapshot is there', async (t) => {
  const { app, names } = await withWorkers(t, 2)
  for (const name of names) {
    const { outcome } = await inMidCapture(app, name, () => app.ask('returnFrom', name))
    assert.ok((await outcome).path || (await outcome).ended === 0)
  }
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})
