'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { CLI, ROOT, freshDir, program, run, show, start, until } = require('../program.js')

const runVerb = (t, args, options) => run([CLI, 'run', '--dir', freshDir(t), ...args], options)

test('run passes on the exit code, the arguments and what the program prints', async (t) => {
  const result = await runVerb(t, ['--', process.execPath, '-e', 'console.log(process.argv.slice(1).join()); process.exit(7)', '--', '--flag', '--', 'x'])
  assert.strictEqual(result.code, 7, show(result))
  assert.strictEqual(result.stdout, '--flag,--,x\n')
})

test('run ends by the signal that ended the program', async (t) => {
  const result = await runVerb(t, ['--', process.execPath, '-e', 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)'])
  assert.strictEqual(result.signal, 'SIGTERM', show(result))
})

test('run passes signals on to the program', async (t) => {
  const app = `process.on('SIGTERM', () => process.exit(9)); process.on('SIGUSR2', () => console.log('usr2')); setInterval(() => {}, 1000); console.log('ready')`
  const { child, ended, stdoutSoFar } = start([CLI, 'run', '--dir', freshDir(t), '--', process.execPath, '-e', app])
  await until(() => stdoutSoFar().includes('ready'), 'the program to start')
  child.kill('SIGUSR2')
  await until(() => stdoutSoFar().includes('usr2'), 'the signal to arrive')
  child.kill('SIGTERM')
  const result = await ended
  assert.strictEqual(result.code, 9, show(result))
})

test('run hands the options over, adds to NODE_OPTIONS, and works from a path with spaces and quotes', async (t) => {
  const dir = freshDir(t)
  const odd = path.join(dir, `odd "place"`)
  fs.mkdirSync(odd)
  fs.symlinkSync(path.join(ROOT, 'js'), path.join(odd, 'js'))
  fs.symlinkSync(path.join(ROOT, 'package.json'), path.join(odd, 'package.json'))
  const app = `const { LEAKHUNT_RSS_BYTES, LEAKHUNT_DIR } = process.env
    console.log(JSON.stringify({ LEAKHUNT_RSS_BYTES, LEAKHUNT_DIR, warnings: process.noDeprecation,
      active: require(${JSON.stringify(path.join(odd, 'js', 'index.js'))}).start().active }))`
  const args = ['--preserve-symlinks', '--preserve-symlinks-main', path.join(odd, 'js', 'cli.js'), 'run', '--rss-bytes', '3GiB', '--dir', dir]
  const result = await run([...args, '--', process.execPath, '-e', app], { env: { NODE_OPTIONS: '--no-deprecation' } })
  assert.strictEqual(result.code, 0, show(result))
  assert.deepStrictEqual(JSON.parse(result.stdout), { LEAKHUNT_RSS_BYTES: '3GiB', LEAKHUNT_DIR: dir, warnings: true, active: true })
  assert.strictEqual(result.stderr, 'leakhunt: no snapshot was taken (it takes a threshold that is crossed, such as --heap-used-bytes 300MiB, or growth over several full collections)\n')
})

test('run --redact does not undo LEAKHUNT_REDACT=1', async (t) => {
  const redactOf = async (env) => (await runVerb(t, ['--redact', 'off', '--', process.execPath, '-p', 'process.env.LEAKHUNT_REDACT'], { env })).stdout.trim()
  assert.strictEqual(await redactOf({ LEAKHUNT_REDACT: '1' }), '1')
  assert.strictEqual(await redactOf({ LEAKHUNT_REDACT: undefined }), 'off')
})

test('run analyses what the program left, and the verdict does not change its exit code', async (t) => {
  const dir = freshDir(t)
  const result = await run([CLI, 'run', '--dir', dir, '--', process.execPath, program('leak.js'), dir])
  assert.strictEqual(result.code, 0, show(result))
  assert.strictEqual(JSON.parse(result.stdout).paths.length, 3)
  assert.match(result.stderr, /comparing 3 snapshots/)
  assert.match(result.stderr, /Session/)
  assert.match(result.stderr, /leak\.js:\d+/)
})

test('run says what cannot be started or written', async (t) => {
  const missing = await runVerb(t, ['--', 'no-such-program-anywhere'])
  assert.strictEqual(missing.code, 2, show(missing))
  assert.match(missing.stderr, /^leakhunt: cannot start 'no-such-program-anywhere': .*\(ERR_LEAKHUNT_SPAWN\)\n$/)
  const unwritable = await run([CLI, 'run', '--dir', '/proc/leakhunt', '--', process.execPath, '-e', 'process.exit(3)'])
  assert.strictEqual(unwritable.code, 3, show(unwritable))
  assert.match(unwritable.stderr, /cannot write to \/proc\/leakhunt/)
})

test('LEAKHUNT=0 runs the program as if leakhunt were not there', async (t) => {
  const result = await runVerb(t, ['--', process.execPath, '-e', 'console.log(1)'], { env: { LEAKHUNT: '0' } })
  assert.deepStrictEqual([result.code, result.stdout, result.stderr], [0, '1\n', ''], show(result))
})
