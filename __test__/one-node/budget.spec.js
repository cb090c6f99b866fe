'use strict'
// Room for a capture: refused before the fork where there is too little, ended in time where it turns out to be too little. In every case the app
// goes on, no child is left and no file.
const assert = require('node:assert')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { execFileSync } = require('node:child_process')
const { test } = require('node:test')
const { makeGroup, inGroup } = require('../cgroups.js')
const { buildLibrary } = require('../native.js')
const { ROOT, program, freshDir, answerOf } = require('../program.js')

const INDEX = path.join(ROOT, 'js', 'index.js')
const MB = 1e6
const memoryGroup = (t, megabytes) => makeGroup(t, 'memory', { 'memory.limit_in_bytes': megabytes * MB })

const argsOf = (dir, plan) => ['--expose-gc', program('confined.js'), dir, JSON.stringify(plan)]

/** Runs the program, in `group` if there is one, and returns what it tells. */
async function confined(t, plan, { group = null, dir = freshDir(t), env = {} } = {}) {
  const args = argsOf(dir, plan)
  const answer = await answerOf(...(group === null ? [args, { env }] : [inGroup(group, args), { command: 'sh', env }]))
  assert.ok(answer.wentOn, 'the app goes on')
  assert.deepStrictEqual(answer.children, [], 'no child is left, not even a zombie')
  assert.strictEqual(answer.stderr, '')
  return { ...answer, dir }
}

/** That, and no snapshot of it. */
async function refused(t, plan, options) {
  const answer = await confined(t, plan, options)
  assert.deepStrictEqual(answer.files, [], 'no file is left')
  return answer.outcomes
}

function assertNobodyWasKilled(group) {
  assert.match(group.read('memory.oom_control'), /^oom_kill 0$/m)
}

test('what a capture took is told, and the next one is judged by it', async (t) => {
  const { outcomes, dir } = await confined(t, { heapMB: 15, snapshots: 2 })
  const [first, second] = outcomes
  assert.ok(first.heapUsedBytes > 10 * MB && first.heapUsedBytes < 40 * MB, `${first.heapUsedBytes}`)
  assert.ok(first.childPrivateBytes > first.heapUsedBytes && first.childPrivateBytes < first.predictedBytes * 2, JSON.stringify(first))
  const learned = 1.2 * (first.childPrivateBytes / first.heapUsedBytes) * second.heapUsedBytes
  assert.ok(Math.abs(second.predictedBytes - learned) < 2, `${second.predictedBytes} and ${learned}`)
  assert.ok(second.childPrivateBytes < second.predictedBytes, 'the correction holds')
  const sidecar = JSON.parse(fs.readFileSync(path.join(dir, path.basename(second.sidecar))))
  assert.deepStrictEqual([sidecar.childPrivateBytes, sidecar.predictedBytes], [second.childPrivateBytes, second.predictedBytes])
})

test('a heap too large for its cgroup is refused with the figures, forked or in the process', async (t) => {
  const group = memoryGroup(t, 250)
  if (group === null) return
  for (const mode of ['fork', 'inline']) {
    const [{ code, message, figures }] = await refused(t, { heapMB: 20, options: { capture: { mode } } }, { group })
    assert.strictEqual(code, 'ERR_LEAKHUNT_NO_ROOM')
    assert.match(message, /expected to take 2\d\d MB \(12\.0 for each of the 2\d MB of heap in use, .*\), and the memory cgroup \/sys/)
    assert.match(message, /raise the limit to about 3\d0 MB, or capture earlier \(thresholds\.heapUsedBytes of at most 1\d MB\)$/)
    assert.deepStrictEqual([figures.limitedBy, figures.path, figures.predictedFrom], ['cgroup', group.dir, 'default'])
    assert.ok(figures.neededBytes > figures.leftBytes && figures.usedBytes + figures.reserveBytes + figures.leftBytes === figures.limitBytes, message)
  }
  assertNobodyWasKilled(group)
})

test('the limit of a group further up counts', async (t) => {
  const group = memoryGroup(t, 250)
  if (group === null) return
  const inner = path.join(group.dir, 'inner')
  fs.mkdirSync(inner)
  const [{ code, figures }] = await refused(t, { heapMB: 20 }, { group: { dir: inner } })
  assert.deepStrictEqual([code, figures.path], ['ERR_LEAKHUNT_NO_ROOM', group.dir])
})

test('a capture that turns out to need more than there is is ended in time, and the next one is refused', async (t) => {
  const group = memoryGroup(t, 400)
  if (group === null) return
  // Promises take twice as much as the default allows for.
  const [ended, next] = await refused(t, { heapMB: 20, kind: 'promises', snapshots: 2 }, { group })
  assert.strictEqual(ended.code, 'ERR_LEAKHUNT_NO_ROOM')
  assert.match(ended.message, /^the capture child was ended while it was (generating|writing) the snapshot, so that the app lives: the memory cgroup/)
  assert.ok(ended.figures.childBytes > ended.figures.predictedBytes, JSON.stringify(ended))
  assert.strictEqual(next.code, 'ERR_LEAKHUNT_NO_ROOM')
  assert.deepStrictEqual([next.figures.predictedFrom, next.figures.endedAfterMs], ['captures', undefined])
  assertNobodyWasKilled(group)
})

test('a capture whose room the app takes meanwhile is ended in time', async (t) => {
  const group = memoryGroup(t, 450)
  if (group === null) return
  const [{ code, figures }] = await refused(t, { heapMB: 20, takeMB: 280 }, { group })
  assert.strictEqual(code, 'ERR_LEAKHUNT_NO_ROOM')
  assert.ok(figures.childBytes < figures.predictedBytes && figures.leftBytes < figures.leastBytes, JSON.stringify(figures))
  assertNobodyWasKilled(group)
})

test("the user's own bound on the child holds before and during", async (t) => {
  const plan = (megabytes) => ({ heapMB: 20, kind: 'promises', options: { capture: { maxMemoryBytes: megabytes * MB } } })
  const [before] = await refused(t, plan(200))
  assert.strictEqual(before.code, 'ERR_LEAKHUNT_NO_ROOM')
  assert.match(before.message, /and capture\.maxMemoryBytes allows 200 MB: raise it/)
  const [during] = await refused(t, plan(300))
  assert.strictEqual(during.code, 'ERR_LEAKHUNT_NO_ROOM')
  assert.match(during.message, /was ended .*it had taken 3\d\d MB, and capture\.maxMemoryBytes allows 300 MB/)
})

const hasPrlimit = () => {
  try {
    execFileSync('prlimit', ['--version'])
    return true
  } catch {
    return false
  }
}

test('ulimits that the child would run into are known before', { skip: hasPrlimit() ? false : 'there is no prlimit here' }, async (t) => {
  const cases = [
    [{ as: 200 * MB }, 'RLIMIT_AS', /RLIMIT_AS \(ulimit -v\) has \d+ MB for it/],
    [{ data: 200 * MB }, 'RLIMIT_DATA', /RLIMIT_DATA \(ulimit -d\) has \d+ MB for it/],
    [{ fsize: 5 * MB }, 'RLIMIT_FSIZE', /RLIMIT_FSIZE \(ulimit -f\) allows 5 MB: raise it to about \d0 MB/],
    [{ nofile: 6 }, 'RLIMIT_NOFILE', /8 more descriptors, and RLIMIT_NOFILE \(ulimit -n\) has \d+ of \d+ left/],
  ]
  for (const [limits, key, words] of cases) {
    const [{ code, message, figures }] = await refused(t, { heapMB: 30, limits })
    assert.deepStrictEqual([code, figures?.limitedBy], ['ERR_LEAKHUNT_LIMITED', key], message)
    assert.match(message, words)
  }
})

test('a bound on the number of tasks is known before the fork', async (t) => {
  const group = makeGroup(t, 'pids', {})
  if (group === null) return
  // One more is the capture's own thread.
  const [full] = await refused(t, { tasks: { group: group.dir, more: 1 } }, { group })
  assert.deepStrictEqual([full.code, full.figures?.path, full.figures?.left], ['ERR_LEAKHUNT_LIMITED', group.dir, 0], full.message)
  assert.match(full.message, /1 more processes and threads, and pids\.max of the cgroup .* has 0 of \d+ left$/)
  const [noThread] = await refused(t, { tasks: { group: group.dir, more: 0 } }, { group })
  assert.strictEqual(noThread.code, 'ERR_LEAKHUNT_LIMITED', noThread.message)
  const { outcomes } = await confined(t, { tasks: { group: group.dir, more: 2 } }, { group })
  assert.ok(outcomes[0].path, `two more are enough: ${outcomes[0].message}`)
})

test('a bound on the tasks of a user is known before the fork', async (t) => {
  // A user with no other processes; root is not bound.
  const user = '64321'
  const dir = freshDir(t)
  const command = ['--reuid', user, '--regid', user, '--clear-groups', process.execPath]
  try {
    fs.chownSync(dir, Number(user), Number(user))
    execFileSync('setpriv', [...command, '-e', `require(${JSON.stringify(INDEX)}).heapStats()`], { stdio: 'pipe' })
  } catch (error) {
    return t.skip(`no program can be run as another user here: ${String(error.stderr ?? error.code).trim().split('\n').at(-1)}`)
  }
  // One more is the capture's own thread.
  const args = [...command, ...argsOf(dir, { limits: { nproc: 1 } })]
  const { outcomes, files } = await answerOf(args, { command: 'setpriv' })
  assert.deepStrictEqual([outcomes[0].code, outcomes[0].figures?.limitedBy], ['ERR_LEAKHUNT_LIMITED', 'RLIMIT_NPROC'], outcomes[0].message)
  assert.deepStrictEqual(files, [])
})

test('a small file system refuses before, and ends a capture when it fills up meanwhile', async (t) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-test-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', dir], { stdio: 'pipe' })
  } catch (error) {
    fs.rmdirSync(dir)
    return t.skip(`no tmpfs can be mounted: ${String(error.stderr).trim()}`)
  }
  t.after(() => {
    execFileSync('umount', ['-l', dir])
    fs.rmdirSync(dir)
  })
  const keeping = (megabytes) => ({ limits: { minFreeDiskBytes: megabytes * MB } })
  const [before] = await refused(t, { heapMB: 20, options: keeping(35) }, { dir })
  assert.deepStrictEqual([before.code, before.figures.limitedBy], ['ERR_LEAKHUNT_DISK_FULL', 'disk'])
  assert.match(before.message, /expected to take 1\d MB, and the file system of .* has 4\d MB free, of which limits\.minFreeDiskBytes keeps 35 MB/)
  const [during] = await refused(t, { heapMB: 20, takeDiskMB: 30, options: keeping(20) }, { dir })
  assert.deepStrictEqual([during.code, during.figures.limitedBy], ['ERR_LEAKHUNT_DISK_FULL', 'disk'])
  assert.match(during.message, /was ended while/)
})

test('a fork handler that never returns in the child is known for what it is', async (t) => {
  const library = buildLibrary(t, 'fork-handler')
  if (library === null) return
  const [{ code, message }] = await refused(t, {}, { env: { LD_PRELOAD: library, FORK_HANDLER: 'hangs' } })
  assert.strictEqual(code, 'ERR_LEAKHUNT_FORK_HANDLER')
  assert.match(message, /had not come out of fork\(\) after 1\d{4} ms and was ended: a fork handler \(pthread_atfork\) of libfork-handler\.so waits in it$/)
})
