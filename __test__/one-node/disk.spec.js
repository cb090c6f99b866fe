'use strict'
// File systems that refuse: full, or read-only. Made for real, which needs root.
const assert = require('node:assert')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { spawnSync } = require('node:child_process')
const { test } = require('node:test')
const { filesIn } = require('../program.js')
const { CALM, hunting, journalOf } = require('../hunting.js')
const { send } = require('../processes.js')

/** A small file system of its own, or null where none can be made. */
function mountTmpfs(t, options) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-test-'))
  t.after(() => {
    spawnSync('umount', ['-l', dir])
    fs.rmdirSync(dir)
  })
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `mode=0700,${options}`, 'tmpfs', dir]).status === 0) return dir
  t.skip('mounting a tmpfs needs root')
  return null
}

/** Takes all that is free. */
function fill(dir) {
  const filler = path.join(dir, 'filler')
  const file = fs.openSync(filler, 'w')
  const chunk = Buffer.alloc(4096)
  assert.throws(
    () => {
      for (;;) fs.writeSync(file, chunk)
    },
    { code: 'ENOSPC' },
  )
  fs.closeSync(file)
  return filler
}

test('on a full disk nothing is attempted', async (t) => {
  const dir = mountTmpfs(t, 'size=64m')
  if (dir === null) return
  const app = hunting(t, { ...CALM, dir })
  await app.next('sample')
  const filler = fill(dir)
  const { code, message } = await app.snapshot()
  assert.strictEqual(code, 'ERR_LEAKHUNT_DISK_FULL', message)
  assert.deepStrictEqual(journalOf(dir), [])
  assert.deepStrictEqual(filesIn(dir), ['filler'])
  fs.rmSync(filler)
  assert.strictEqual((await app.snapshot()).type, 'snapshot')
})

test('a disk that fills up in the middle of a capture costs the capture, and is no death', async (t) => {
  const dir = mountTmpfs(t, 'size=64m')
  if (dir === null) return
  const app = hunting(t, { ...CALM, dir }, { count: 100_000 })
  await app.next('sample')
  const answer = app.snapshot()
  const child = await app.captureChild()
  send(child, 'SIGSTOP')
  fill(dir)
  send(child, 'SIGCONT')
  const { code, message } = await answer
  assert.match(code, /^ERR_LEAKHUNT_(CAPTURE_FAILED|DISK_FULL)$/, message)
  assert.deepStrictEqual(filesIn(dir), ['filler'])
  app.kill('SIGKILL')
  await app.ended
  const next = hunting(t, { ...CALM, dir })
  await next.snapshot()
  assert.deepStrictEqual(next.events.filter(({ type }) => type === 'error'), [])
})

test('a read-only file system refuses every capture, and the recorder goes on', async (t) => {
  const dir = mountTmpfs(t, 'size=1m,ro')
  if (dir === null) return
  const app = hunting(t, { ...CALM, dir })
  assert.strictEqual((await app.next('error')).code, 'ERR_LEAKHUNT_DIR_UNWRITABLE')
  assert.strictEqual((await app.snapshot()).code, 'ERR_LEAKHUNT_DIR_UNWRITABLE')
  await app.next('sample')
})
