'use strict'
// What the journal remembers when processes are killed, restart, and share a directory.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { version } = require('../../package.json')
const { filesIn, freshDir } = require('../program.js')
const { CALM, EAGER, hunting, journalOf, killApp, killInCapture, until } = require('../hunting.js')
const { runs, send } = require('../processes.js')

/** An attempt of its own, or of others, may be under way. */
const insist = (app) => until(async () => (await app.snapshot()).type === 'snapshot', 'its turn')
const partials = (dir) => filesIn(dir).filter((name) => name.endsWith('.partial'))

test('an attempt is in the journal before the fork, and closed with its figures', async (t) => {
  const dir = freshDir(t)
  const app = hunting(t, { ...CALM, dir })
  const { path: file, bytes, rawBytes, nodes } = await app.snapshot()
  const [begin, end, ...others] = journalOf(dir)
  assert.deepStrictEqual(others, [])
  assert.deepStrictEqual([begin.v, begin.kind, begin.pid, begin.automatic, begin.reason], [1, 'begin', app.pid, false, 'asked'])
  assert.deepStrictEqual([end.kind, end.id, end.outcome, end.file], ['end', begin.id, 'written', path.basename(file)])
  assert.deepStrictEqual([end.bytes, end.rawBytes, end.nodes], [bytes, rawBytes, nodes])
  assert.ok(end.heapUsedBytes > 1e6 && end.durationMs > 0 && end.sinceBootMs >= begin.sinceBootMs, JSON.stringify(end))
  for (const name of ['leakhunt.journal', 'leakhunt.lock']) assert.strictEqual(fs.statSync(path.join(dir, name)).mode & 0o777, 0o600, name)
})

test('a capture that killed the app: back off, stop after three, until a person deletes the journal', async (t) => {
  const dir = freshDir(t)
  await killInCapture(t, dir)
  assert.strictEqual(journalOf(dir).at(-1).kind, 'begin')
  assert.strictEqual(partials(dir).length, 2)

  await t.test('the next start says so, tidies up, and captures nothing by itself for a while', async () => {
    const app = hunting(t, { ...EAGER, dir })
    const { code, message, figures } = await app.next('error')
    assert.strictEqual(code, 'ERR_LEAKHUNT_BACKING_OFF', message)
    assert.strictEqual(figures.deaths, 1)
    assert.ok(figures.leftMs > 0 && figures.leftMs <= 600_000, message)
    assert.ok(message.includes(path.join(dir, 'leakhunt.journal')), message)
    const skipped = await app.next('skipped')
    assert.deepStrictEqual([skipped.code, skipped.id, skipped.figures.deaths], ['ERR_LEAKHUNT_BACKING_OFF', null, 1])
    assert.deepStrictEqual(partials(dir), [])
    for (let i = 2; i < 20; i++) {
      app.say('samples')
      await app.next('sample', i)
    }
    assert.strictEqual(app.events.filter(({ type }) => type === 'skipped').length, 1, 'it is said once')
    app.kill('SIGKILL')
    await app.ended
  })

  await killInCapture(t, dir)
  await killInCapture(t, dir)

  await t.test('after the third, one that is asked for is refused as well, in words that say what to do', async () => {
    const app = hunting(t, { ...CALM, dir })
    assert.strictEqual((await app.next('error')).code, 'ERR_LEAKHUNT_CRASH_LOOP')
    const { code, message, figures } = await app.snapshot()
    assert.strictEqual(code, 'ERR_LEAKHUNT_CRASH_LOOP')
    assert.strictEqual(figures.deaths, 3)
    assert.ok(message.includes(path.join(dir, 'leakhunt.journal')), message)
    fs.rmSync(path.join(dir, 'leakhunt.journal'))
    assert.strictEqual((await app.snapshot()).type, 'snapshot')
  })
  const app = hunting(t, { ...CALM, dir })
  assert.strictEqual((await app.snapshot()).type, 'snapshot')
  assert.deepStrictEqual(app.events.filter(({ type }) => type === 'error'), [])
})

test('an app that ends by its own wish in the middle of a capture is no death, even if its child dies too', async (t) => {
  const dir = freshDir(t)
  const app = hunting(t, { ...CALM, dir }, { count: 100_000 })
  await app.next('sample')
  app.say('snapshot')
  const child = await app.captureChild()
  send(child, 'SIGSTOP')
  app.say('exit')
  await app.ended
  send(child, 'SIGKILL')
  await until(() => !runs(child), 'the end of the child')
  const next = hunting(t, { ...CALM, dir })
  assert.strictEqual((await next.snapshot()).type, 'snapshot')
  assert.deepStrictEqual(journalOf(dir).map(({ kind, outcome = '' }) => `${kind} ${outcome}`.trim()), [
    'begin',
    'left',
    'end left',
    'begin',
    'end written',
  ])
  assert.deepStrictEqual(next.events.filter(({ type }) => type === 'error'), [])
})

test('a child that outlives its app still holds the lock, and closes the attempt itself', async (t) => {
  const dir = freshDir(t)
  const app = hunting(t, { ...CALM, dir }, { count: 100_000 })
  await app.next('sample')
  app.say('snapshot')
  const child = await app.captureChild()
  await killApp(app, child)
  const other = hunting(t, { ...CALM, dir })
  const { code, message } = await other.snapshot()
  assert.strictEqual(code, 'ERR_LEAKHUNT_CAPTURE_BUSY')
  assert.match(message, new RegExp(`process ${app.pid} on `))
  send(child, 'SIGCONT')
  await until(() => journalOf(dir).some(({ outcome }) => outcome === 'written'), 'the end of the attempt')
  await until(() => !runs(child), 'the end of the child')
  assert.strictEqual((await other.snapshot()).type, 'snapshot')
  assert.deepStrictEqual(other.events.filter(({ type }) => type === 'error'), [])
})

test('processes that share a directory capture one after the other', async (t) => {
  const dir = freshDir(t)
  const eager = hunting(t, { ...EAGER, dir, limits: { ...EAGER.limits, maxCount: 1 } }, { count: 50_000 })
  const others = [1, 2].map(() => hunting(t, { ...CALM, dir }, { count: 50_000 }))
  await Promise.all([eager.next('snapshot'), ...others.map(insist)])
  const lines = journalOf(dir)
  for (let i = 0; i < lines.length; i += 2) {
    assert.deepStrictEqual([lines[i].kind, lines[i + 1].kind, lines[i + 1].id], ['begin', 'end', lines[i].id], 'no two at once')
  }
  assert.strictEqual(lines.filter(({ outcome }) => outcome === 'written').length, 3)
  assert.strictEqual(new Set(lines.flatMap(({ run }) => run ?? [])).size, 3)
})

test('limits survive a restart, and count the bytes that are really there', async (t) => {
  const dir = freshDir(t)
  const limited = (limits) => hunting(t, { ...EAGER, dir, limits: { ...EAGER.limits, ...limits } })
  const first = limited({ maxCount: 1 })
  const { path: file, sidecar, bytes } = await first.next('snapshot')
  assert.strictEqual((await first.next('skipped')).code, 'ERR_LEAKHUNT_LIMIT')
  first.kill('SIGKILL')
  await first.ended

  const second = limited({ maxCount: 1 })
  const { code, figures } = await second.next('skipped')
  assert.strictEqual(code, 'ERR_LEAKHUNT_LIMIT')
  assert.deepStrictEqual(figures, { count: 1, maxCount: 1, windowMs: 86_400_000 })
  // One that is asked for does not count.
  await insist(second)
  second.kill('SIGKILL')

  const third = limited({ maxTotalBytes: bytes })
  assert.deepStrictEqual((await third.next('skipped')).figures, { totalBytes: bytes, maxTotalBytes: bytes })
  fs.rmSync(file)
  fs.rmSync(sidecar)
  await third.next('snapshot')
})

const FORMATS = { 'heapsnapshot.zst': {}, lhgraph: { engine: 'pages', format: 'lhgraph' } }
for (const [ending, capture] of Object.entries(FORMATS)) {
  test(`retention keeps the first and the last of a series, and all that is not leakhunt's own: .${ending}`, async (t) => {
    const dir = freshDir(t)
    const asked = hunting(t, { ...CALM, dir, capture: { ...CALM.capture, ...capture } })
    const { path: mine } = await asked.snapshot()
    const strange = [`Heap.20200101.000000.1.0.001.${ending}`, 'notes.txt']
    for (const name of strange) fs.writeFileSync(path.join(dir, name), '')
    const app = hunting(t, { ...EAGER, dir, capture: { ...EAGER.capture, ...capture }, retention: { maxCount: 3 }, limits: { ...EAGER.limits, maxCount: 5 } })
    await app.next('skipped')
    const taken = app.events.filter(({ type }) => type === 'snapshot').map((event) => path.basename(event.path))
    assert.strictEqual(taken.length, 5)
    assert.ok(taken.every((name) => name.endsWith(`.${ending}`)), taken.join())
    const kept = [taken[0], taken[3], taken[4]]
    const expected = [path.basename(mine), ...kept].flatMap((name) => [name, name.replace(ending, 'json')])
    assert.deepStrictEqual(filesIn(dir).toSorted(), [...expected, ...strange].toSorted())
    const removed = journalOf(dir).filter(({ kind }) => kind === 'removed')
    assert.deepStrictEqual(removed.map(({ file }) => file).toSorted(), taken.slice(1, 3).toSorted())
  })
}

test("a fault of leakhunt's own code keeps this version from capturing, and nothing else", async (t) => {
  for (const [faulty, code] of [
    [version, 'ERR_LEAKHUNT_FAULT'],
    ['0.0.1', undefined],
  ]) {
    const dir = freshDir(t)
    fs.writeFileSync(path.join(dir, 'leakhunt.journal'), `${JSON.stringify({ v: 1, kind: 'fault', atMs: 1, version: faulty, text: 'index 7' })}\n`, {
      mode: 0o600,
    })
    const app = hunting(t, { ...CALM, dir })
    await app.next('sample')
    const answer = await app.snapshot()
    assert.strictEqual(answer.code, code, answer.message)
    if (code === undefined) continue
    assert.match(answer.message, /index 7.*leakhunt\.journal/)
    assert.strictEqual((await app.next('error')).code, code)
    app.say('samples')
    await app.next('sample', 2)
  }
})

test('a journal of garbage is no obstacle', async (t) => {
  const dir = freshDir(t)
  const garbage = Buffer.concat([Buffer.from([0, 255, 10]), Buffer.alloc(3 << 20, '['), Buffer.from('\n{"v":1,"kind":"begin","id":"half')])
  fs.writeFileSync(path.join(dir, 'leakhunt.journal'), garbage, { mode: 0o600 })
  const app = hunting(t, { ...CALM, dir })
  assert.strictEqual((await app.snapshot()).type, 'snapshot')
  assert.deepStrictEqual(journalOf(dir).map(({ kind }) => kind), ['begin', 'end'], 'and it is short again')
})

test('a journal that may be somebody else\'s, or cannot be written, refuses the capture', async (t) => {
  const dir = freshDir(t)
  fs.writeFileSync(path.join(dir, 'other'), '')
  fs.symlinkSync(path.join(dir, 'other'), path.join(dir, 'leakhunt.journal'))
  const app = hunting(t, { ...CALM, dir })
  const { code, message } = await app.snapshot()
  assert.strictEqual(code, 'ERR_LEAKHUNT_JOURNAL')
  assert.match(message, /symbolic link/)
  assert.deepStrictEqual(filesIn(dir), ['other'])
  assert.strictEqual(fs.readFileSync(path.join(dir, 'other'), 'utf8'), '')
})
