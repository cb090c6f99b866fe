'use strict'
// The app has children of its own while it is captured: they inherit nothing of the capture, miss nothing, and their ends are the app's to see.
const assert = require('node:assert')
const { test } = require('node:test')
const { assertTaken, startApp } = require('../app.js')
const { childrenOf, send } = require('../processes.js')
const { freshDir, until } = require('../program.js')

const CAPTURES = 3

test('programs and cluster workers come and go during captures, and each ends as it does without', async (t) => {
  const app = await startApp(t, { name: 'spawner.js', dir: freshDir(t), count: 20_000 })
  // What a program inherits without any capture.
  await app.ask('begin')
  await until(async () => (await app.ask('counts')).spawned.ended >= 1, 'a program')
  const { spawned } = await app.ask('finish')
  assert.strictEqual(spawned.descriptors.length, 1)

  await app.ask('begin')
  for (let i = 0; i < CAPTURES; i++) {
    const before = await app.ask('counts')
    const { child, answer } = await app.capturing()
    // One of each begins and ends while a capture child is there, however fast that is.
    send(child, 'SIGSTOP')
    await until(async () => {
      const now = await app.ask('counts')
      return now.spawned.ended > before.spawned.ended + 1 && now.forked.ended > before.forked.ended + 1
    }, 'two of each, the last of them begun during the capture')
    send(child, 'SIGCONT')
    assertTaken(await answer)
  }
  const after = await app.ask('finish')
  t.diagnostic(`${after.spawned.ended} programs and ${after.forked.ended} workers`)
  assert.deepStrictEqual([after.spawned.wrong, after.forked.wrong], [0, 0])
  assert.deepStrictEqual(after.spawned.descriptors, spawned.descriptors, 'no descriptor of a capture reaches them')
  await until(() => childrenOf(app.pid).length === 0, 'the end of all children')
})
