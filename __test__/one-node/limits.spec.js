'use strict'
// The limits of setrlimit(2), reached by the app before a capture or by the child in the middle of one.
const assert = require('node:assert')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const { test } = require('node:test')
const { assertRefused, assertTaken, startApp } = require('../app.js')
const { holdings, send } = require('../processes.js')
const { freshDir } = require('../program.js')

const COUNT = 20_000
/** The journal is the first that is opened. */
const NO_DESCRIPTOR = ['ERR_LEAKHUNT_JOURNAL', 'ERR_LEAKHUNT_LIMITED']

/** Sets the soft limits of a running process, as in `{ nofile: 20 }`; a hard one that is lowered could not be raised again. */
function limit(pid, limits, as = []) {
  const [command, ...args] = [...as, 'prlimit', '--pid', String(pid), ...Object.entries(limits).map(([name, value]) => `--${name}=${value}:`)]
  const { status, stderr, error } = spawnSync(command, args)
  assert.strictEqual(status, 0, `${error?.message ?? stderr}`)
}

const skip = spawnSync('prlimit', ['--version']).error ? 'there is no prlimit here' : false

test('however few descriptors are left, a capture is made or refused in words', { skip }, async (t) => {
  const app = await startApp(t, { dir: freshDir(t) })
  const { descriptors } = holdings(app.pid)
  const enough = []
  // Beyond what one capture takes at its most.
  const MOST = 24
  for (let left = 0; left <= MOST; left += left < 16 ? 1 : 4) {
    limit(app.pid, { nofile: descriptors + left })
    const outcome = await app.snapshot()
    if (outcome.path) enough.push(left)
    else assertRefused(outcome, NO_DESCRIPTOR, /RLIMIT_NOFILE|Too many open files/)
    await app.assertUnharmed()
  }
  t.diagnostic(`a capture takes ${enough[0]} descriptors`)
  assert.ok(enough.length > 0 && enough.at(-1) === MOST && !enough.includes(0), `${enough}`)
})

test('an app that has used up its descriptors is answered in words, and captured when it has closed some', { skip }, async (t) => {
  const app = await startApp(t, { name: 'greedy.js', dir: freshDir(t) })
  limit(app.pid, { nofile: 100 })
  assert.ok((await app.ask('openAll')) > 10)
  assert.ok((await app.ask('sample')).rssBytes > 1e6, 'it is still measured')
  assertRefused(await app.snapshot(), NO_DESCRIPTOR, /Too many open files/)
  await app.ask('closeAll')
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})

/** A capture with other limits for its child, from early on. */
async function limitedChild(t, limits) {
  const app = await startApp(t, { options: { capture: { nice: 0, engine: 'v8' } }, dir: freshDir(t), count: COUNT })
  const { child, answer } = await app.capturing()
  send(child, 'SIGSTOP')
  limit(child, limits)
  send(child, 'SIGCONT')
  const outcome = await answer
  await app.assertUnharmed()
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
  return outcome
}

test('a child that runs out of addresses is refused in words', { skip }, async (t) => {
  assertRefused(await limitedChild(t, { as: 1 << 20 }), 'ERR_LEAKHUNT_CAPTURE_FAILED', /while it was/)
})

test('a file that may not grow is an error of the capture and no signal', { skip }, async (t) => {
  assertRefused(await limitedChild(t, { fsize: 4096 }), 'ERR_LEAKHUNT_LIMITED', /File too large/)
})

test('a child that has used up its processor time is refused in words', { skip }, async (t) => {
  assertRefused(await limitedChild(t, { cpu: 0 }), 'ERR_LEAKHUNT_CAPTURE_FAILED', /signal 24 while it was/)
})

test('where no process may be added, the fork is refused in words', { skip: skip || (process.getuid() !== 0 && 'only root can count for another user') }, async (t) => {
  const dir = freshDir(t)
  const user = 61_234
  fs.chownSync(dir, user, user)
  const asUser = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups']
  const app = await startApp(t, { dir, within: asUser })
  const { threads } = holdings(app.pid)
  for (const more of [0, 1]) {
    limit(app.pid, { nproc: threads.length + more }, asUser)
    assertRefused(await app.snapshot(), 'ERR_LEAKHUNT_LIMITED', /RLIMIT_NPROC|temporarily unavailable/)
    await app.assertUnharmed()
  }
  limit(app.pid, { nproc: threads.length + 2 }, asUser)
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})
