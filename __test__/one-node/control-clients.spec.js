'use strict'
// Clients of the control socket that do as they like: the app notices nothing, and others are served.
const assert = require('node:assert')
const fs = require('node:fs')
const net = require('node:net')
const { execFileSync } = require('node:child_process')
const { once } = require('node:events')
const { test } = require('node:test')
const { documentOf, homeOf, planted, request, speak, startControlled } = require('../control.js')
const { send } = require('../processes.js')
const { run, show, until } = require('../program.js')

const IS_ROOT = process.getuid() === 0
const NOBODY = 65534

/** A request is at most so long, and so many are served at once. */
const LONGEST = 4096
const MOST = 8
/** Descriptors of the app's that clients may take, with those that are about to be closed. */
const MOST_OPEN = 16

/** The one line that is an error, and its code. */
function assertError({ lines }, code, words) {
  assert.strictEqual(lines.length, 1, JSON.stringify(lines))
  const [{ version, error }] = lines
  assert.strictEqual(version, 1)
  assert.strictEqual(error.code, `ERR_LEAKHUNT_${code}`, JSON.stringify(error))
  assert.match(error.message, words)
}

/** Connected, and never says a word unless it is told to. */
async function silent(t, socket) {
  const client = net.connect(socket)
  client.on('error', () => {})
  t.after(() => client.destroy())
  await once(client, 'connect')
  return client
}

const answers = async (app, socket) => {
  const { lines } = await speak(socket, request({ verb: 'ps' }))
  return lines[0]?.answer?.pid === app.pid
}

test('what is no request is answered by one line that says why', async (t) => {
  const { app, socket } = await startControlled(t)
  const cases = [
    ['hello\n', 'CONTROL_REQUEST', /one JSON object on one line/],
    ['\n', 'CONTROL_REQUEST', /one JSON object on one line/],
    ['GET / HTTP/1.1\r\n\r\n', 'CONTROL_REQUEST', /one JSON object on one line/],
    ['{"verb":"ps"}\n', 'CONTROL_REQUEST', /`version` is missing/],
    ['{"version":9,"verb":"ps","more":[1]}\n', 'CONTROL_VERSION', /of version 9, .*answers version 1/],
    [request({ verb: 'dance' }), 'CONTROL_REQUEST', /no verb "dance"/],
    [request({ verb: 'ps', more: 1 }), 'CONTROL_REQUEST', /unknown field `more`/],
    [request({ verb: 'census', maxClasses: 1e6 }), 'CONTROL_REQUEST', /from 1 to 10000, got 1000000/],
    [request({ verb: 'snapshot', reason: 'x'.repeat(201) }), 'CONTROL_REQUEST', /at most 200 characters/],
    [request({ verb: 'snapshot', thread: 5 }), 'CONTROL_THREAD', /no recorder runs in thread 5; there is one in 0/],
    ['x'.repeat(LONGEST + 1), 'CONTROL_REQUEST', /one line of at most 4096 bytes/],
    [`${'['.repeat(LONGEST - 1)}\n`, 'CONTROL_REQUEST', /one JSON object on one line/],
  ]
  for (const [text, code, words] of cases) assertError(await speak(socket, text), code, words)
  assert.deepStrictEqual(await app.ask('events'), [])
  await app.assertUnharmed()
})

test('a request may come in pieces, with more behind it, from one who then hears only', async (t) => {
  const { app, socket } = await startControlled(t)
  const client = await silent(t, socket)
  let heard = ''
  client.setEncoding('utf8').on('data', (text) => (heard += text))
  const whole = request({ verb: 'census', maxClasses: 4 })
  for (const byte of whole) client.write(byte)
  client.end('and more\n')
  await once(client, 'close')
  const lines = heard.trim().split('\n').map((line) => JSON.parse(line))
  assert.deepStrictEqual(lines.map((line) => Object.keys(line)), [['progress', 'version'], ['answer', 'version']])
  assert.deepStrictEqual(lines[0].progress, { state: 'asked', threadId: 0 })
  assert.ok(lines[1].answer.census.classes.length <= 4 && lines[1].answer.pauseMs > 0, heard)
  await app.assertUnharmed()
})

test('who sends without end is cut off, and costs the app no memory', async (t) => {
  const { app, socket } = await startControlled(t)
  const rss = () => Number(/VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${app.pid}/status`, 'utf8'))[1]) * 1024
  const before = rss()
  const GIGABYTE = 2 ** 30
  const chunk = Buffer.alloc(2 ** 20, 'x')
  let sent = 0
  const client = net.connect(socket)
  const ended = new Promise((resolve) => client.once('close', resolve))
  client.on('error', () => {})
  const more = () => {
    while (sent < GIGABYTE && !client.destroyed) {
      sent += chunk.length
      if (!client.write(chunk)) return client.once('drain', more)
    }
  }
  more()
  await ended
  assert.ok(sent < 2 ** 26, `it took ${sent} bytes`)
  assert.ok(rss() - before < 2 ** 25, `${before} -> ${rss()}`)
  assert.ok(await answers(app, socket))
  await app.assertUnharmed()
})

test('the silent and the half-hearted are let go, and others are served meanwhile', async (t) => {
  const { app, socket } = await startControlled(t)
  const quiet = await Promise.all(Array.from({ length: MOST - 1 }, () => silent(t, socket)))
  const said = quiet.map((client) => {
    let heard = ''
    client.setEncoding('utf8').on('data', (text) => (heard += text))
    return once(client, 'close').then(() => heard)
  })
  quiet[0].write('{"version":1,')
  assert.ok(await answers(app, socket))
  const count = await app.ask('planted')
  assert.strictEqual(planted(await documentOf(['census', app.pid])), count)
  // Half a request, and gone.
  for (let i = 0; i < 50; i++) (await silent(t, socket)).end('{"version"').destroy()
  for (const heard of await Promise.all(said)) assert.match(heard, /^\{"error":\{"code":"ERR_LEAKHUNT_CONTROL_REQUEST",.*no whole request came within 5 s/)
  assert.ok(await answers(app, socket))
  await app.assertUnharmed()
})

test('of a thousand at once a few are served and the others told so', async (t) => {
  const { app, socket } = await startControlled(t)
  const descriptors = fs.readdirSync(`/proc/${app.pid}/fd`).length
  let most = 0
  const clients = []
  for (let i = 0; i < 1000; i++) {
    clients.push(speak(socket))
    if (i % 100 === 0) {
      assert.strictEqual(await app.ask('planted'), 1234)
      most = Math.max(most, fs.readdirSync(`/proc/${app.pid}/fd`).length)
    }
  }
  const outcomes = await Promise.all(clients)
  assert.ok(most <= descriptors + MOST_OPEN + 1, `${descriptors} -> ${most}`)
  const codes = new Set(outcomes.map(({ lines, problem }) => lines[0]?.error.code ?? problem))
  // Whoever finds the queue of the kernel full is told so by the kernel.
  for (const code of codes) assert.ok(['ERR_LEAKHUNT_CONTROL_BUSY', 'ERR_LEAKHUNT_CONTROL_REQUEST', 'EAGAIN'].includes(code), String([...codes]))
  assert.ok(codes.has('ERR_LEAKHUNT_CONTROL_BUSY'), String([...codes]))
  assert.ok(await answers(app, socket))
  await app.assertUnharmed()
})

test('an app at its limit of descriptors lets nobody in, and goes on where it was when it has some again', async (t) => {
  const { app, socket } = await startControlled(t)
  const limit = (number) => execFileSync('prlimit', ['--pid', String(app.pid), `--nofile=${number}:`])
  const before = /Max open files\s+(\d+)/.exec(fs.readFileSync(`/proc/${app.pid}/limits`, 'utf8'))[1]
  // With the second not even those that the thread has may be waited for.
  for (const few of [3, 1]) {
    limit(few)
    const asked = speak(socket, request({ verb: 'ps' }))
    await silent(t, socket).then((client) => client.destroy())
    assert.strictEqual(await app.ask('planted'), 1234)
    assert.strictEqual(await Promise.race([asked.then(() => 'answered'), new Promise((resolve) => setTimeout(resolve, 200, 'waits'))]), 'waits')
    limit(before)
    assert.strictEqual((await asked).lines[0].answer.pid, app.pid)
  }
  await app.assertUnharmed()
})

test('who does not take his answer keeps nobody waiting, and who leaves during a capture leaves it to be finished', async (t) => {
  const { app, socket } = await startControlled(t)
  const client = await silent(t, socket)
  client.pause()
  client.write(request({ verb: 'census', maxClasses: 10_000 }))
  await until(async () => (await app.ask('events')).length === 1, 'the census')
  assert.ok(await answers(app, socket))

  const leaver = await silent(t, socket)
  const gone = once(leaver, 'data')
  leaver.write(request({ verb: 'snapshot', reason: 'and away' }))
  await gone
  leaver.destroy()
  await until(async () => (await app.ask('events')).some(({ reason }) => reason === 'and away'), 'the snapshot')
  client.destroy()
  await app.assertUnharmed()
})

test('one capture at a time: the second who asks is told, and the app is not', async (t) => {
  const { app, socket } = await startControlled(t, { count: 20_000 })
  const { child, answer } = await app.capturing()
  send(child, 'SIGSTOP')
  const { lines } = await speak(socket, request({ verb: 'snapshot' }))
  assert.deepStrictEqual(lines.map(({ error, progress }) => error?.code ?? progress.state), ['asked', 'ERR_LEAKHUNT_CAPTURE_BUSY'])
  send(child, 'SIGCONT')
  await answer
  assert.deepStrictEqual((await app.ask('events')).map(({ type }) => type), ['snapshot'])
  await app.assertUnharmed()
})

test('another user is refused with a word, even where the file system would let him', { skip: !IS_ROOT && 'only root can be somebody else' }, async (t) => {
  const { app, dir, socket } = await startControlled(t)
  for (const place of [dir, homeOf(dir)]) fs.chmodSync(place, 0o711)
  fs.chmodSync(socket, 0o666)
  const text = `process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY})
    require('node:net').connect(process.argv[1]).on('connect', function () { this.write(process.argv[2]) }).on('error', () => {}).pipe(process.stdout)`
  for (const verb of ['ps', 'snapshot']) {
    const result = await run(['-e', text, socket, request({ verb })])
    assert.strictEqual(result.code, 0, show(result))
    assertError({ lines: result.stdout.trim().split('\n').map((line) => JSON.parse(line)) }, 'CONTROL_REFUSED', /user 65534 may not ask: only user 0/)
  }
  assert.ok(await answers(app, socket))
  await app.assertUnharmed()
})
