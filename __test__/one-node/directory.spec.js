'use strict'
// The directory for snapshots: gone, somebody else's, or something else by now.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { assertRefused, assertTaken, startApp } = require('../app.js')
const { assertOnlyWhole } = require('../leftovers.js')
const { send } = require('../processes.js')
const { freshDir, until } = require('../program.js')

const COUNT = 20_000

/** A directory for snapshots within one that stays. */
const snapshotsOf = (t) => path.join(freshDir(t), 'snapshots')

/** An app in the middle of a capture: its child stands still, and has made its files. */
async function midCapture(t, dir) {
  const app = await startApp(t, { dir, count: COUNT })
  const { child, answer } = await app.capturing()
  await until(() => fs.readdirSync(dir).some((name) => name.endsWith('.partial')), 'its files')
  send(child, 'SIGSTOP')
  return { app, child, answer }
}

test('a directory that was removed is made again', async (t) => {
  const dir = snapshotsOf(t)
  const app = await startApp(t, { dir })
  fs.rmdirSync(dir)
  assertTaken(await app.snapshot())
  assert.strictEqual(fs.statSync(dir).mode & 0o777, 0o700)
  fs.rmSync(dir, { recursive: true })
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})

test('a directory that is removed in the middle of a capture costs that capture', async (t) => {
  const dir = snapshotsOf(t)
  const { app, child, answer } = await midCapture(t, dir)
  fs.rmSync(dir, { recursive: true })
  send(child, 'SIGCONT')
  assertRefused(await answer, 'ERR_LEAKHUNT_DIR_UNWRITABLE', /snapshots: No such file or directory/)
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})

test('a directory that is renamed in the middle of a capture costs that capture, and its files are not looked for elsewhere', async (t) => {
  const dir = snapshotsOf(t)
  const { app, child, answer } = await midCapture(t, dir)
  fs.renameSync(dir, `${dir}-old`)
  send(child, 'SIGCONT')
  assertRefused(await answer, 'ERR_LEAKHUNT_DIR_UNWRITABLE', /snapshots: No such file or directory/)
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})

test('a file where the directory was is left alone', async (t) => {
  const dir = snapshotsOf(t)
  const app = await startApp(t, { dir })
  fs.rmdirSync(dir)
  fs.writeFileSync(dir, 'something else')
  assertRefused(await app.snapshot(), 'ERR_LEAKHUNT_DIR_UNWRITABLE', /snapshots: not a directory/i)
  assert.strictEqual(fs.readFileSync(dir, 'utf8'), 'something else')
  fs.rmSync(dir)
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})

test('a link to a directory is followed, a link to nowhere is not', async (t) => {
  const dir = snapshotsOf(t)
  const app = await startApp(t, { dir })
  fs.rmdirSync(dir)
  const elsewhere = freshDir(t)
  fs.symlinkSync(elsewhere, dir)
  assertTaken(await app.snapshot())
  assert.strictEqual((await assertOnlyWhole(elsewhere)).length, 1)
  fs.rmSync(dir)
  fs.symlinkSync(path.join(elsewhere, 'nowhere'), dir)
  assertRefused(await app.snapshot(), 'ERR_LEAKHUNT_DIR_UNWRITABLE', /snapshots: /)
  assert.ok(!fs.existsSync(path.join(elsewhere, 'nowhere')))
  await app.assertUnharmed()
})

test('a file of the same name is never written over', async (t) => {
  const dir = snapshotsOf(t)
  const { app, child, answer } = await midCapture(t, dir)
  const [partial] = fs.readdirSync(dir).filter((name) => name.endsWith('.zst.partial'))
  const taken = path.join(dir, partial.replace('.partial', ''))
  fs.writeFileSync(taken, 'precious')
  send(child, 'SIGCONT')
  assertRefused(await answer, 'ERR_LEAKHUNT_CAPTURE_FAILED', /File exists.* while it was syncing and renaming/)
  assert.strictEqual(fs.readFileSync(taken, 'utf8'), 'precious')
  fs.rmSync(taken)
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})
