'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { REGISTER, filesIn, freshDir, program, run, show, until } = require('../program.js')

/** What an ended app leaves is whole, or nothing. */
async function leavesOnlyWholeFiles(dir) {
  await until(() => !fs.readdirSync(dir).some((file) => file.endsWith('.partial')), () => `only whole files: ${fs.readdirSync(dir)}`)
  for (const file of fs.readdirSync(dir).filter((name) => name.includes('.heapsnapshot'))) {
    const { snapshots } = await leakhunt.analyze([path.join(dir, file)])
    assert.ok(snapshots[0].nodes > 200_000)
  }
}

test('process.exit() in the middle of a capture keeps its code', async (t) => {
  const dir = freshDir(t)
  const result = await run([program('exit.js'), dir, 'exit'])
  assert.strictEqual(result.code, 7, show(result))
  await leavesOnlyWholeFiles(dir)
})

test('an uncaught exception in the middle of a capture ends the app as ever', async (t) => {
  const dir = freshDir(t)
  const result = await run([program('exit.js'), dir, 'throw'])
  assert.strictEqual(result.code, 1, show(result))
  assert.match(result.stderr, /on purpose/)
  await leavesOnlyWholeFiles(dir)
})

test('stop() in the middle of a capture refuses it and leaves no file', async (t) => {
  const dir = freshDir(t)
  const result = await run([program('exit.js'), dir, 'stop'])
  assert.strictEqual(result.code, 0, show(result))
  assert.strictEqual(result.stdout.trim(), 'ERR_LEAKHUNT_STOPPED')
  assert.deepStrictEqual(filesIn(dir), [])
})

test('SIGKILL in the middle of a capture leaves a whole file or none', async (t) => {
  const dir = freshDir(t)
  const result = await run([program('exit.js'), dir, 'kill'])
  assert.strictEqual(result.signal, 'SIGKILL', show(result))
  await leavesOnlyWholeFiles(dir)
})

test('a recorder does not keep the process alive', async (t) => {
  const result = await run(['--require', REGISTER, '-e', 'console.log("done")'], { env: { LEAKHUNT_DIR: freshDir(t) } })
  assert.deepStrictEqual([result.code, result.stdout, result.stderr], [0, 'done\n', ''], show(result))
})
