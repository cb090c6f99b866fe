'use strict'
// Somebody asks for a snapshot while a census at an interval is under way, which nobody asked for.
const assert = require('node:assert')
const { test } = require('node:test')
const { assertRefused, assertTaken, startApp } = require('../app.js')
const { captureChildrenOf, send } = require('../processes.js')
const { freshDir, until } = require('../program.js')

test('who asks waits for the end of a census at an interval, and who asks then is refused', async (t) => {
  const app = await startApp(t, { dir: freshDir(t), options: { hunt: false, census: { everyMs: 1000 } } })
  // One may be over before the signal comes: then the next is waited for.
  const census = await until(() => {
    for (const { pid } of captureChildrenOf(app.pid)) send(pid, 'SIGSTOP')
    return captureChildrenOf(app.pid).find(({ state }) => state === 'T')
  }, 'a census that stands still')
  let isAnswered = false
  const waiting = app.snapshot().finally(() => (isAnswered = true))
  assertRefused(await app.snapshot(), 'ERR_LEAKHUNT_CAPTURE_BUSY', /another capture of this process is under way/)
  assert.ok(!isAnswered, 'the first waits')
  send(census.pid, 'SIGCONT')
  assertTaken(await waiting)
})
