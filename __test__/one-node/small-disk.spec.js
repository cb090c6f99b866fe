'use strict'
// A file system that is small, full, or read-only, for real.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { assertRefused, assertTaken, startApp } = require('../app.js')
const { remount, withinTmpfs } = require('../mounts.js')
const { send } = require('../processes.js')
const { freshDir, until } = require('../program.js')

const COUNT = 20_000

/** An app whose directory is a file system of its own, and that directory as we can reach it. */
async function appOnTmpfs(t, options) {
  const dir = freshDir(t)
  const within = withinTmpfs(t, dir, options)
  if (within === null) return null
  const app = await startApp(t, { dir, within, count: COUNT })
  return { app, dir, seen: path.join('/proc', String(app.pid), 'root', dir) }
}

/** Takes every byte that is left. */
function fill(dir) {
  const file = path.join(dir, 'filler')
  const descriptor = fs.openSync(file, 'w')
  for (let size = 1 << 20; size > 0; size = Math.floor(size / 16)) {
    try {
      for (;;) fs.writeSync(descriptor, Buffer.alloc(size))
    } catch (error) {
      assert.strictEqual(error.code, 'ENOSPC')
    }
  }
  fs.closeSync(descriptor)
  return file
}

test('a disk that fills up while the child writes costs the capture, and nothing stays on it', async (t) => {
  const on = await appOnTmpfs(t, 'size=64m')
  if (on === null) return
  const { app, seen } = on
  const { child, answer } = await app.capturing()
  await until(() => fs.readdirSync(seen).some((name) => name.endsWith('.partial')), 'its files')
  send(child, 'SIGSTOP')
  const filler = fill(seen)
  send(child, 'SIGCONT')
  assertRefused(await answer, 'ERR_LEAKHUNT_DISK_FULL', /filled up while the capture child was writing.*No space left/)
  fs.rmSync(filler)
  await app.assertUnharmed()
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})

test('no file can be made where no inode is left', async (t) => {
  const on = await appOnTmpfs(t, 'size=64m,nr_inodes=2')
  if (on === null) return
  const { app, dir, seen } = on
  assertRefused(await app.snapshot(), 'ERR_LEAKHUNT_JOURNAL', /No space left/)
  remount(app.pid, dir, 'nr_inodes=4')
  assertRefused(await app.snapshot(), 'ERR_LEAKHUNT_DISK_FULL', /2 more files/)
  await app.assertUnharmed()
  assert.deepStrictEqual(fs.readdirSync(seen).filter((name) => name.startsWith('Heap')), [])
  remount(app.pid, dir, 'nr_inodes=20')
  assertTaken(await app.snapshot())
})

test('a file system that has become read-only refuses, until it is writable again', async (t) => {
  const on = await appOnTmpfs(t, 'size=64m')
  if (on === null) return
  const { app, dir } = on
  assertTaken(await app.snapshot())
  remount(app.pid, dir, 'ro')
  assertRefused(await app.snapshot(), 'ERR_LEAKHUNT_DIR_UNWRITABLE', /Read-only file system/)
  await app.assertUnharmed()
  remount(app.pid, dir, 'rw')
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})
