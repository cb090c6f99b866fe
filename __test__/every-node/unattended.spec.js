'use strict'
// The hunt that nobody asked for: from a heap that grows to a verdict, with real snapshots and the real analysis.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { hunting, journalOf } = require('../hunting.js')
const { childrenOf, send } = require('../processes.js')
const { filesIn, freshDir, program, until } = require('../program.js')

const NAME = 'unattended.js'
const HUNT = { patienceMs: 3_600_000, restMs: 3_600_000 }
/** With the pauses that a person would not wait for left out. */
const EAGER = { intervalMs: 50, hunt: HUNT, limits: { cooldownMs: 0, minFreeDiskBytes: 0 }, capture: { nice: 0 } }

/** 2 MB each: the first two snapshots come after 16 MiB at the earliest, the third after as much as lay between them. */
const STEPS = [12, 12, 20]

const lineOf = (text) => fs.readFileSync(program(NAME), 'utf8').split('\n').findIndex((line) => line.includes(text)) + 1
const verdictsIn = (dir) => filesIn(dir).filter((name) => name.includes('verdict'))
const analystOf = (pid) => childrenOf(pid).find((child) => cmdline(child.pid).includes('analyst.js'))

function cmdline(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

const begin = (t, options) => hunting(t, { ...EAGER, ...options }, { name: NAME })

/** Grows from snapshot to snapshot. */
async function grow(app, steps = STEPS) {
  for (const [i, count] of steps.entries()) {
    app.say(`grow ${count}`)
    await app.next('snapshot', i + 1)
  }
}

test('a leak is found with its class, its holder and its line, while nobody looks on', async (t) => {
  const dir = freshDir(t)
  const app = begin(t, { dir })
  await grow(app)
  const leak = await app.next('leak')

  const [suspect] = leak.verdict.suspects
  assert.strictEqual(leak.verdict.verdict, 'leak')
  assert.strictEqual(suspect.class, 'Order')
  assert.deepStrictEqual(suspect.holder, { class: 'Array', name: 'orders' })
  assert.strictEqual(suspect.location.function, 'take')
  assert.strictEqual(suspect.location.line, lineOf('orders.push'))
  assert.ok(leak.summary.includes('Order') && leak.summary.includes('unattended.js'), leak.summary)
  assert.deepStrictEqual([leak.fingerprint, leak.timesFound], [suspect.fingerprint, 1])
  assert.ok(leak.analysis.cpuMs > 0 && leak.analysis.peakRssBytes > 1e6 && leak.analysis.durationMs > 0)
  assert.strictEqual(leak.restMs, HUNT.restMs)
  assert.strictEqual((await app.next('channel')).fingerprint, leak.fingerprint)

  const snapshots = app.events.filter(({ type }) => type === 'snapshot')
  assert.deepStrictEqual(leak.snapshots, snapshots.map((snapshot) => snapshot.path))
  assert.ok(snapshots.every(({ reason, redacted }) => reason === 'growth' && redacted))
  assert.deepStrictEqual(snapshots.map(({ sidecar }) => JSON.parse(fs.readFileSync(sidecar, 'utf8')).trigger.huntSnapshot), [1, 2, 3])

  const text = fs.readFileSync(leak.path, 'utf8')
  assert.deepStrictEqual(JSON.parse(text), leak.verdict)
  assert.ok(!text.includes('somebody@example.com'))
  assert.strictEqual(fs.statSync(leak.path).mode & 0o777, 0o600)
  assert.deepStrictEqual(verdictsIn(dir), [path.basename(leak.path)])
  assert.ok(journalOf(dir).some(({ kind, verdict, fingerprint, told }) => kind === 'judged' && verdict === 'leak' && fingerprint === leak.fingerprint && told))
  assert.deepStrictEqual(childrenOf(app.pid), [])
  assert.ok(!app.events.some(({ type }) => ['stood-down', 'skipped', 'error'].includes(type)))
  app.say('leave')
  assert.deepStrictEqual(await app.ended, { code: 0, signal: null, stderr: '' })
})

test('a heap that grows and then stays as it is yields no leak, and the hunt ends with a word', async (t) => {
  const dir = freshDir(t)
  const app = begin(t, { dir, hunt: { ...HUNT, patienceMs: 3000 } })
  await grow(app, [14])
  const end = await app.next('stood-down')
  assert.strictEqual(end.reason, 'growth-stopped')
  assert.deepStrictEqual([end.code, end.verdict, end.path], [null, null, null])
  const [{ path: file }] = app.events.filter(({ type }) => type === 'snapshot')
  assert.deepStrictEqual(end.snapshots, [file])
  assert.ok(fs.existsSync(file), 'nothing is removed')
  assert.ok(!app.events.some(({ type }) => type === 'leak'))
})

test('a snapshot that is refused in the middle is asked for again', async (t) => {
  const dir = freshDir(t)
  const app = begin(t, { dir, hunt: { ...HUNT, patienceMs: 120_000 } })
  await grow(app, STEPS.slice(0, 2))
  const aside = `${dir}.aside`
  fs.renameSync(dir, aside)
  fs.writeFileSync(dir, 'not a directory')
  app.say(`grow ${STEPS[2]}`)
  const { code, reason } = await app.next('skipped')
  assert.deepStrictEqual([code, reason], ['ERR_LEAKHUNT_DIR_UNWRITABLE', 'growth'])
  fs.rmSync(dir)
  fs.renameSync(aside, dir)
  const leak = await app.next('leak')
  assert.strictEqual(leak.verdict.suspects[0].class, 'Order')
  assert.strictEqual(app.events.filter(({ type }) => type === 'skipped').length, 1, 'the same refusal is told once')
})

test('an analysis that is killed is told, and leaves nothing behind', async (t) => {
  const dir = freshDir(t)
  const app = begin(t, { dir })
  await grow(app)
  const { pid } = await until(() => analystOf(app.pid), 'an analysis')
  send(pid, 'SIGKILL')
  const end = await app.next('stood-down')
  assert.deepStrictEqual([end.reason, end.code], ['failed', 'ERR_LEAKHUNT_ANALYSIS_FAILED'])
  assert.match(end.message, /ended by signal 9/)
  assert.strictEqual(end.snapshots.length, 3)
  assert.ok(end.snapshots.every((file) => fs.existsSync(file)))
  assert.deepStrictEqual(verdictsIn(dir), [])
  assert.deepStrictEqual(childrenOf(app.pid), [])
  assert.strictEqual(end.restMs, 4 * HUNT.restMs)
})
