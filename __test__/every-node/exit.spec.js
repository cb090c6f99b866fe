'use strict'
const assert = require('node:assert')
const { test } = require('node:test')
const { assertOnlyWhole } = require('../leftovers.js')
const { REGISTER, filesIn, freshDir, program, run, show } = require('../program.js')

test('process.exit() in the middle of a capture keeps its code', async (t) => {
  const dir = freshDir(t)
  const result = await run([program('exit.js'), dir, 'exit'])
  assert.strictEqual(result.code, 7, show(result))
  await assertOnlyWhole(dir)
})

test('an uncaught exception in the middle of a capture ends the app as ever', async (t) => {
  const dir = freshDir(t)
  const result = await run([program('exit.js'), dir, 'throw'])
  assert.strictEqual(result.code, 1, show(result))
  assert.match(result.stderr, /on purpose/)
  await assertOnlyWhole(dir)
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
  await assertOnlyWhole(dir)
})

test('a recorder does not keep the process alive', async (t) => {
  const result = await run(['--require', REGISTER, '-e', 'console.log("done")'], { env: { LEAKHUNT_DIR: freshDir(t) } })
  assert.deepStrictEqual([result.code, result.stdout, result.stderr], [0, 'done\n', ''], show(result))
})
