'use strict'
// The app dies in the middle of a capture: as it would have died without leakhunt, and its child does not outlive its own work.
const assert = require('node:assert')
const fs = require('node:fs')
const os = require('node:os')
const { test } = require('node:test')
const { startApp } = require('../app.js')
const { assertOnlyWhole } = require('../leftovers.js')
const { runs, send } = require('../processes.js')
const { freshDir, until } = require('../program.js')

const COUNT = 20_000

/** How an app ends, told to it or done to it. */
const DEATHS = {
  'process.exit()': (app) => void app.ask('end', 'exit').catch(() => {}),
  'process.abort()': (app) => void app.ask('end', 'abort').catch(() => {}),
  'an uncaught exception': (app) => void app.ask('end', 'throw').catch(() => {}),
  SIGTERM: (app) => send(app.pid, 'SIGTERM'),
  SIGINT: (app) => send(app.pid, 'SIGINT'),
  SIGSEGV: (app) => send(app.pid, 'SIGSEGV'),
  SIGKILL: (app) => send(app.pid, 'SIGKILL'),
}

const NO_CORE = ['prlimit', '--core=0']

async function deathWithout(t, die) {
  const app = await startApp(t, { options: null, count: COUNT, within: NO_CORE })
  die(app)
  const { code, signal } = await app.ended
  return { code, signal }
}

for (const [name, die] of Object.entries(DEATHS)) {
  test(`${name} in the middle of a capture ends the app as without leakhunt, and leaves a whole file or none`, async (t) => {
    const expected = await deathWithout(t, die)
    const dir = freshDir(t)
    const app = await startApp(t, { dir, count: COUNT, within: NO_CORE })
    const { child } = await app.capturing()
    die(app)
    const { code, signal } = await app.ended
    assert.deepStrictEqual({ code, signal }, expected, app.show())
    await until(() => !runs(child), 'the end of the capture child')
    await assertOnlyWhole(dir)
  })
}

test("a terminal's Ctrl-C reaches the app alone: the file of the moment before is whole", async (t) => {
  const dir = freshDir(t)
  const app = await startApp(t, { dir, count: COUNT, detached: true })
  const { child } = await app.capturing()
  await until(() => fs.readdirSync(dir).some((file) => file.endsWith('.partial')), 'the files')
  // A detached process leads a group of its own, as the foreground one of a terminal.
  process.kill(-app.pid, 'SIGINT')
  const { signal } = await app.ended
  assert.strictEqual(signal, 'SIGINT')
  await until(() => !runs(child), 'the end of the capture child')
  assert.strictEqual((await assertOnlyWhole(dir)).length, 1)
})

const standsStill = (pid) => /^State:\tT/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))

/** Whether it has got its alarm, and stands still, so that it cannot see it. */
const alarmWaits = (pid) => {
  const [, pending] = /^ShdPnd:\t([0-9a-f]+)$/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
  return (BigInt(`0x${pending}`) & (1n << BigInt(os.constants.signals.SIGALRM - 1))) !== 0n
}

test('a child that stands still when its app dies is woken by the kernel, and its file is whole', async (t) => {
  const dir = freshDir(t)
  const app = await startApp(t, { dir, count: COUNT })
  const { child } = await app.capturing()
  await until(() => fs.readdirSync(dir).some((file) => file.endsWith('.partial')), 'the files')
  send(child, 'SIGSTOP')
  // On a busy machine it takes its time to stop, and the kernel wakes who stands still when the app dies.
  await until(() => standsStill(child), 'the child standing still')
  send(app.pid, 'SIGKILL')
  await app.ended
  await until(() => !runs(child), 'the end of the capture child')
  assert.strictEqual((await assertOnlyWhole(dir)).length, 1)
})

test('a child that nobody waits for any more ends soon after its deadline, and takes its files along', async (t) => {
  const dir = freshDir(t)
  const app = await startApp(t, { dir, count: 5 * COUNT, options: { capture: { nice: 0, deadlineMs: 1000 } } })
  const { child } = await app.capturing()
  await until(() => fs.readdirSync(dir).some((file) => file.endsWith('.partial')), 'the files')
  send(app.pid, 'SIGKILL')
  await app.ended
  // Not before: a group that stands still is woken when it becomes an orphan.
  send(child, 'SIGSTOP')
  t.after(() => send(child, 'SIGKILL'))
  await until(() => alarmWaits(child), 'the alarm')
  send(child, 'SIGCONT')
  await until(() => !runs(child), 'the end of the capture child')
  assert.deepStrictEqual(fs.readdirSync(dir).filter((name) => name.startsWith('Heap')), [])
})
