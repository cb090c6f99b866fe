'use strict'
// What an app may not do that root may.
const assert = require('node:assert')
const fs = require('node:fs')
const { test } = require('node:test')
const { assertRefused, assertTaken, startApp } = require('../app.js')
const { freshDir } = require('../program.js')

const IS_ROOT = process.getuid() === 0
const NOBODY = 65534

function dirOf(t, user) {
  const dir = freshDir(t)
  if (IS_ROOT) fs.chownSync(dir, user, user)
  return dir
}

test('an app that has dropped its privileges is captured like any other', { skip: !IS_ROOT && 'only root has privileges to drop' }, async (t) => {
  const app = await startApp(t, { name: 'unprivileged.js', dir: dirOf(t, NOBODY), count: 20_000 })
  for (let i = 0; i < 2; i++) {
    const details = await app.snapshot()
    assertTaken(details)
    assert.strictEqual(details.attempts, 1)
    assert.strictEqual(fs.statSync(details.path).uid, NOBODY)
    await app.assertUnharmed()
  }
})

test('a directory in which the app may not write is refused, until it may', async (t) => {
  const dir = dirOf(t, NOBODY)
  fs.chmodSync(dir, 0o500)
  const app = await startApp(t, { name: 'unprivileged.js', dir })
  const [error] = await app.ask('errors')
  assertRefused(error, 'ERR_LEAKHUNT_DIR_UNWRITABLE', /cannot write to/)
  assertRefused(await app.snapshot(), 'ERR_LEAKHUNT_DIR_UNWRITABLE', /Permission denied/)
  await app.assertUnharmed()
  fs.chmodSync(dir, 0o700)
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})

test('a directory whose parents do not let the app through is refused', async (t) => {
  const parent = dirOf(t, NOBODY)
  const dir = `${parent}/snapshots`
  const app = await startApp(t, { name: 'unprivileged.js', dir })
  fs.chmodSync(parent, 0)
  const refused = await app.snapshot()
  fs.chmodSync(parent, 0o700)
  assertRefused(refused, 'ERR_LEAKHUNT_DIR_UNWRITABLE', /Permission denied/)
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})

test("where another user's app has captured before, the refusal says whose files those are", { skip: !IS_ROOT && 'only root can be somebody else' }, async (t) => {
  const dir = dirOf(t, NOBODY)
  fs.writeFileSync(`${dir}/leakhunt.lock`, '', { mode: 0o600 })
  const app = await startApp(t, { name: 'unprivileged.js', dir })
  assertRefused(await app.snapshot(), 'ERR_LEAKHUNT_JOURNAL', /leakhunt\.lock: it belongs to user 0, and this process runs as user 65534/)
  fs.rmSync(`${dir}/leakhunt.lock`)
  assertTaken(await app.snapshot())
})
