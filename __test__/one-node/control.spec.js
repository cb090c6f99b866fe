'use strict'
// The control socket: where it is, for whom, how long, and what is found by the number of a process.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { assertTaken, startApp } = require('../app.js')
const { assertRefused, cli, documentOf, homeOf, planted, request, socketIn, socketsIn, speak, startControlled } = require('../control.js')
const { captureChildrenOf, holdings, runs, send } = require('../processes.js')
const { REGISTER, freshDir, program, run, show, start, until } = require('../program.js')

const IS_ROOT = process.getuid() === 0
const NOBODY = 65534

const modeOf = (file) => fs.lstatSync(file).mode & 0o7777

/** The rows of `leakhunt ps` for a process, found through /proc. */
const rowsOf = async (pid) => (await documentOf(['ps'])).recorders.filter((row) => row.pid === pid)

test('the directory and the socket are for their owner alone', async (t) => {
  const { app, dir, socket } = await startControlled(t)
  assert.deepStrictEqual([modeOf(homeOf(dir)), modeOf(socket)], [0o700, 0o600])
  assert.match(path.basename(socket), new RegExp(`^${app.pid}\\.\\d+\\.sock$`))
  assert.ok(fs.lstatSync(socket).isSocket())
})

test('ps finds a recorder through /proc and by --dir, and says it for people too', async (t) => {
  const { app, dir } = await startControlled(t)
  const [row] = await rowsOf(app.pid)
  assert.deepStrictEqual([row.threadId, row.node, row.dir, row.lastCapture], [0, process.versions.node, dir, null])
  await assertRefused(['census', app.pid, '--thread', 9], 'CONTROL_THREAD', /no recorder runs in thread 9; there is one in 0/)
  await cli(['census', app.pid])
  const { stdout } = await cli(['ps', '--dir', dir])
  assert.match(stdout, /^PID +THREAD +NODE .*PROGRAM\n/)
  assert.match(stdout, new RegExp(`^${app.pid} +0 +[\\d.]+ .* census \\d+ \\w+ ago +.*controlled\\.js$`, 'm'))
  assert.strictEqual((await cli(['ps', '--dir', freshDir(t)])).stdout, 'No recorder was found.\n')
})

test('a process that cannot be asked is refused in one line, each for its own reason', async (t) => {
  const { app } = await startControlled(t)
  const off = await startApp(t, { name: 'controlled.js', dir: freshDir(t), options: { control: false } })
  const without = await startApp(t, { name: 'controlled.js', dir: freshDir(t), options: null })
  const dead = await run(['-e', 'console.log(process.pid)'])
  for (const verb of ['census', 'snapshot']) {
    await assertRefused([verb, off.pid], 'CONTROL_OFF', /process \d+ has no control socket: .*LEAKHUNT_CONTROL=0/)
    await assertRefused([verb, without.pid], 'NO_RECORDER', /no recorder runs in process \d+ \(.+\): start it with/)
    await assertRefused([verb, dead.stdout.trim()], 'NO_PROCESS', /there is no process \d+; 'leakhunt ps'/)
    await assertRefused([verb, app.pid, '--dir', freshDir(t)], 'NO_RECORDER', /has a control socket in/)
    await assertRefused([verb, app.pid, '--dir', '/nowhere/at/all'], 'DIR_UNREADABLE', /nowhere/)
  }
  const { unanswered } = await documentOf(['ps'])
  assert.strictEqual(unanswered.find(({ pid }) => pid === off.pid).code, 'ERR_LEAKHUNT_CONTROL_OFF')
})

test('commands that are not whole are refused', async () => {
  await assertRefused(['snapshot'], 'USAGE', /1 argument expected/)
  await assertRefused(['snapshot', 'app'], 'USAGE', /'app' is not the number of a process/)
  await assertRefused(['census', '12', '13'], 'USAGE', /stands alone/)
  await assertRefused(['census', '12', '--diff'], 'USAGE', /--diff/)
  await assertRefused(['census', 'some.lhcensus', '--max-classes', '5'], 'USAGE', /--max-classes is for a process/)
  await assertRefused(['census', '12', '--max-classes', 'x'], 'USAGE', /from 1 to 10000, got 'x'/)
  await assertRefused(['ps', '12'], 'USAGE', /one argument too many/)
})

test('switched off in code or in the environment, nothing is made', async (t) => {
  for (const [options, env] of [[{ control: false }, {}], [{ control: undefined }, { LEAKHUNT_CONTROL: '0' }], [{ control: false }, { LEAKHUNT_CONTROL: '1' }]]) {
    const dir = freshDir(t)
    const app = await startApp(t, { name: 'controlled.js', dir, options, env })
    assert.deepStrictEqual(await documentOf(['ps', '--dir', dir]), { version: 1, recorders: [], unanswered: [] })
    assert.ok(!holdings(app.pid).threads.includes('leakhunt-ctl'))
    assert.ok(!fs.existsSync(homeOf(dir)))
  }
  const off = await startApp(t, { name: 'controlled.js', dir: freshDir(t), options: { control: undefined }, env: { LEAKHUNT_CONTROL: 'off' } })
  assertTaken(await off.snapshot())
  await assertRefused(['census', off.pid], 'CONTROL_OFF', /LEAKHUNT_CONTROL/)
})

test('a path of any length will do', async (t) => {
  const dir = path.join(freshDir(t), ...Array(8).fill('a-directory-with-a-long-name'))
  const { app, socket } = await startControlled(t, { dir })
  assert.ok(socket.length > 200, socket)
  assert.strictEqual(planted(await documentOf(['census', app.pid])), await app.ask('planted'))
  assert.strictEqual(planted(await documentOf(['census', app.pid, '--dir', dir])), await app.ask('planted'))
  assert.strictEqual((await rowsOf(app.pid))[0].dir, dir)
})

test('the socket of a process that was killed is removed by the next, and that of a living one is not', async (t) => {
  const { app: first, dir, socket } = await startControlled(t)
  send(first.pid, 'SIGKILL')
  await first.ended
  assert.deepStrictEqual(socketsIn(dir), [socket])
  assert.deepStrictEqual(await documentOf(['ps', '--dir', dir]), { version: 1, recorders: [], unanswered: [] })
  await assertRefused(['census', first.pid, '--dir', dir], 'NO_RECORDER', /does not listen any more/)

  const { app: second, socket: other } = await startControlled(t, { dir })
  assert.deepStrictEqual(socketsIn(dir), [other], 'that of the dead is gone')
  const third = await startApp(t, { name: 'controlled.js', dir, options: { control: true } })
  await until(() => socketsIn(dir).filter((name) => name.endsWith('.sock')).length === 2, 'two sockets')
  const { recorders } = await documentOf(['ps', '--dir', dir])
  assert.deepStrictEqual(recorders.map(({ pid }) => pid), [second.pid, third.pid].toSorted((a, b) => a - b))
})

test('nothing is left of it however the app ends, unless it is killed', async (t) => {
  for (const how of ['stop', 'exit', 'throw']) {
    const { app, dir } = await startControlled(t)
    app.ask(how === 'stop' ? 'stop' : 'end', how).catch(() => {})
    if (how !== 'stop') await app.ended
    await until(() => !fs.existsSync(homeOf(dir)), () => `its end after ${how}: ${app.show()}`)
  }
  // An end of its own, with a recorder that keeps nothing alive.
  const dir = freshDir(t)
  const { code, stderr } = await run(['--require', REGISTER, '-e', 'setTimeout(() => {}, 300)'], { env: { LEAKHUNT_DIR: dir } })
  assert.deepStrictEqual([code, stderr, fs.existsSync(homeOf(dir))], [0, '', false])
})

test('what stands in its place is neither followed nor removed, costs one warning, and captures are made all the same', async (t) => {
  const elsewhere = freshDir(t)
  const plants = [
    ['a symbolic link', (home) => fs.symlinkSync(elsewhere, home)],
    ['not a directory', (home) => fs.writeFileSync(home, 'something else')],
  ]
  if (IS_ROOT) plants.push([`belongs to user ${NOBODY}`, (home) => (fs.mkdirSync(home), fs.chownSync(home, NOBODY, NOBODY))])
  for (const [words, plant] of plants) {
    const dir = freshDir(t)
    plant(homeOf(dir))
    const before = fs.lstatSync(homeOf(dir))
    const app = await startApp(t, { name: 'controlled.js', dir, options: { control: true } })
    const errors = await until(async () => {
      const told = await app.ask('errors')
      return told.length > 0 && told
    }, 'the error')
    assert.deepStrictEqual(errors.map(({ code }) => code), ['ERR_LEAKHUNT_CONTROL'])
    assert.ok(errors[0].message.includes(words), errors[0].message)
    assertTaken(await app.snapshot())
    assert.strictEqual(fs.lstatSync(homeOf(dir)).ino, before.ino)
    assert.deepStrictEqual(fs.readdirSync(elsewhere), [])
    await assertRefused(['census', app.pid], 'CONTROL_OFF', /a warning that says why/)
  }
})

test('a capture child holds neither the socket nor a client, and takes nothing with it', async (t) => {
  const { app, dir, socket } = await startControlled(t, { count: 20_000 })
  const { child, answer } = await app.capturing()
  send(child, 'SIGSTOP')
  const odd = fs.readdirSync(`/proc/${child}/fd`).map((number) => fs.readlinkSync(`/proc/${child}/fd/${number}`)).filter((target) => target !== '/dev/null' && !/leakhunt-test-.*\/(Heap|leakhunt\.(lock|journal))/.test(target))
  assert.deepStrictEqual(odd, [])
  const { lines } = await speak(socket, request({ verb: 'ps' }))
  assert.strictEqual(lines[0].answer.pid, app.pid)
  assert.ok(runs(child), 'all that while the child was there')
  send(child, 'SIGCONT')
  assertTaken(await answer)
  assert.strictEqual(await socketIn(dir, app.pid), socket)
  await app.assertUnharmed()
})

test("the app's own children inherit nothing of it", async (t) => {
  const { app } = await startControlled(t)
  const text = await app.ask('inherited')
  const more = text.split('\n').filter((line) => / ([3-9]|\d\d+) -> /.test(line))
  assert.match(text, / 1 -> /)
  assert.ok(!more.some((line) => /leakhunt|socket:/.test(line)), text)
})

test('one socket for each process; recorders in workers are listed and asked by their thread, and outlive the main one', async (t) => {
  const { app, dir, socket } = await startControlled(t)
  const other = freshDir(t)
  const thread = await app.ask('work', other)
  const rows = await until(async () => {
    const found = await rowsOf(app.pid)
    return found.length === 2 && found
  }, 'both')
  assert.deepStrictEqual(rows.map(({ threadId, dir: place }) => [threadId, place]), [[0, dir], [thread, other]])
  assert.deepStrictEqual([socketsIn(dir), socketsIn(other)], [[socket], []])

  const [ofMain, ofWorker] = [await documentOf(['census', app.pid]), await documentOf(['census', app.pid, '--thread', thread])]
  assert.deepStrictEqual([planted(ofMain), planted(ofWorker)], [await app.ask('planted'), 77])
  assert.deepStrictEqual([ofMain, ofWorker].map(({ censuses }) => censuses[0].threadId), [0, thread])
  const { path: file } = await documentOf(['snapshot', app.pid, '--thread', thread])
  assert.strictEqual(path.dirname(file), other)

  await app.ask('stop')
  assert.strictEqual(planted(await documentOf(['census', app.pid])), 77)
  await assertRefused(['census', app.pid, '--thread', 0], 'CONTROL_THREAD', new RegExp(`there is one in ${thread}`))
})

test('whoever asks is told when the recorder is stopped, or the process ends', async (t) => {
  for (const [code, words, end] of [
    ['STOPPED', /ended|stopped/, (app) => app.ask('stop')],
    ['CONTROL_CLOSED', /ended, or its recorder was stopped/, (app) => send(app.pid, 'SIGKILL')],
  ]) {
    const { app, socket } = await startControlled(t, { count: 20_000 })
    // A capture that does not end by itself: its child stands still.
    const asked = start([path.join(__dirname, '../../js/cli.js'), 'snapshot', String(app.pid)])
    const [{ pid: own }] = await until(() => captureChildrenOf(app.pid).length > 0 && captureChildrenOf(app.pid), 'its child')
    send(own, 'SIGSTOP')
    t.after(() => send(own, 'SIGKILL'))
    await end(app)
    const result = await asked.ended
    assert.strictEqual(result.code, 2, show(result))
    assert.match(result.stderr, new RegExp(`\\(ERR_LEAKHUNT_${code}\\)\\n$`))
    assert.match(result.stderr, words)
    send(own, 'SIGKILL')
    if (code === 'STOPPED') await until(() => !fs.existsSync(socket), 'the end of the socket')
  }
})

test('an app of another user is refused by name, and root may ask it', { skip: !IS_ROOT && 'only root can be somebody else' }, async (t) => {
  const dir = freshDir(t)
  fs.chownSync(dir, NOBODY, NOBODY)
  const app = await startApp(t, { name: 'unprivileged.js', dir, options: { control: true } })
  await socketIn(dir, app.pid)
  assert.strictEqual(fs.statSync(homeOf(dir)).uid, NOBODY)
  assert.strictEqual((await documentOf(['census', app.pid])).censuses.length, 1)
  assert.strictEqual((await documentOf(['census', app.pid, '--dir', dir])).censuses.length, 1)

  const { app: ours } = await startControlled(t)
  const asNobody = (args) => run([program('as-nobody.js'), ...args.map(String)])
  const others = await asNobody(['census', ours.pid])
  assert.strictEqual(others.code, 2, show(others))
  assert.match(others.stderr, /process \d+ belongs to user 0, and this is user 65534.*ERR_LEAKHUNT_CONTROL_REFUSED/)
  // The kernel hides the files of a process that has changed its user from that user as well.
  const own = await asNobody(['census', app.pid])
  assert.match(own.stderr, /does not let this user look into it.*--dir.*ERR_LEAKHUNT_CONTROL_REFUSED/)
  const named = await asNobody(['census', app.pid, '--dir', dir, '--json'])
  assert.strictEqual(named.code, 0, show(named))
  assert.strictEqual(JSON.parse(named.stdout).censuses[0].pid, app.pid)
})
