'use strict'
// What goes on around an unattended hunt: the same leak again, other processes, the end of the app, bounds.
const assert = require('node:assert')
const fs = require('node:fs')
const { test } = require('node:test')
const { journalOf } = require('../hunting.js')
const { childrenOf, runs, send } = require('../processes.js')
const { freshDir, run, show, until } = require('../program.js')
const { HUNT, STEPS, begin, grow, verdictsIn, analystOf } = require('../unattended.js')

test('the same leak is counted and not told again, and the next hunt rests longer', async (t) => {
  const dir = freshDir(t)
  const restMs = 500
  const app = begin(t, { dir, hunt: { ...HUNT, restMs }, limits: { maxCount: 100, cooldownMs: 0, minFreeDiskBytes: 0 } })
  await grow(app)
  const leak = await app.next('leak')
  // The leak line looks at a dozen collections, of which those before the rest no longer rise.
  await grow(app, [60, 60, 100])
  const again = await app.next('stood-down')
  assert.deepStrictEqual([again.reason, again.timesFound, again.restMs], ['known', 2, 2 * restMs])
  assert.strictEqual(again.fingerprint, leak.fingerprint)
  assert.strictEqual(again.verdict.verdict, 'leak')
  assert.strictEqual(verdictsIn(dir).length, 2)
  assert.deepStrictEqual(journalOf(dir).filter(({ kind }) => kind === 'judged').map(({ told }) => told), [true, false])
})

test('a directory has one hunt at a time', async (t) => {
  const dir = freshDir(t)
  const first = begin(t, { dir })
  await grow(first, STEPS.slice(0, 1))
  const second = begin(t, { dir })
  second.say('grow 12')
  const { reason, code, message, snapshots } = await second.next('stood-down')
  assert.deepStrictEqual([reason, code, snapshots], ['elsewhere', 'ERR_LEAKHUNT_HUNT_ELSEWHERE', []])
  assert.match(message, new RegExp(`process ${first.pid} on `))
  first.say('stop')
  first.say('exit')
  await first.ended
  const third = begin(t, { dir })
  await grow(third, STEPS.slice(0, 1))
})

for (const [how, end] of [
  ['is killed', (app) => app.kill('SIGKILL')],
  ['exits', (app) => app.say('exit')],
  ['stops leakhunt and has nothing else to do', (app) => (app.say('stop'), app.say('leave'))],
]) {
  test(`an app that ${how} takes its analysis along`, async (t) => {
    const dir = freshDir(t)
    const app = begin(t, { dir })
    await grow(app)
    const analyst = await analystOf(app)
    // It would be done before we look, and says by itself that it is to end with the app only once it runs.
    await until(() => fs.readFileSync(`/proc/${analyst}/maps`, 'utf8').includes('.node'), 'the addon in the analysis')
    end(app)
    await app.ended
    await until(() => !runs(analyst), 'the end of the analysis')
    assert.deepStrictEqual(verdictsIn(dir), [])
  })
}

test('an analysis for which there is no room is put off with the figures, and given up when patience ends', async (t) => {
  const dir = freshDir(t)
  const app = begin(t, { dir, hunt: { ...HUNT, patienceMs: 20_000, maxMemoryBytes: 1_000_000 } })
  await grow(app)
  const { reason, code, figures } = await app.next('skipped')
  assert.deepStrictEqual([reason, code, figures.limitedBy, figures.leftBytes], ['analysis', 'ERR_LEAKHUNT_NO_ROOM', 'hunt.maxMemoryBytes', 1_000_000])
  const end = await app.next('stood-down')
  assert.deepStrictEqual([end.reason, end.code, end.snapshots.length], ['refused', 'ERR_LEAKHUNT_NO_ROOM', 3])
  assert.strictEqual(app.events.filter(({ type }) => type === 'skipped').length, 1)
})

test('the analysis has nothing of the app: neither its environment nor its priority', async (t) => {
  const app = begin(t, { dir: freshDir(t), capture: { nice: 19 } }, { SECRET: 'token', NODE_OPTIONS: '--max-old-space-size=500' })
  await grow(app)
  const analyst = await analystOf(app)
  send(analyst, 'SIGSTOP')
  const environment = fs.readFileSync(`/proc/${analyst}/environ`, 'utf8').split('\0')
  assert.ok(environment.includes('LEAKHUNT=0'))
  assert.ok(!environment.some((pair) => /^(SECRET|NODE_OPTIONS|PATH)=/.test(pair)), `${environment}`)
  const niceOf = (pid) => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[16]
  assert.deepStrictEqual([niceOf(analyst), niceOf(app.pid)], ['19', '0'])
  assert.strictEqual(fs.readFileSync(`/proc/${analyst}/oom_score_adj`, 'utf8').trim(), '1000')
  send(analyst, 'SIGCONT')
  await app.next('leak')
  assert.deepStrictEqual(childrenOf(app.pid), [])
})

test('a leak that nobody listens for is one warning', async () => {
  const script = `
    const { Hunt } = require('./js/index.js')
    let wake
    const events = [{ type: 'leak', summary: 'Order grew', path: '/v.json' }]
    const hunt = new Hunt({ connect: (w) => ((wake = w), { setInterest() {}, drain: () => events.splice(0) }) })
    wake()
  `
  const result = await run(['-e', script])
  assert.strictEqual(result.code, 0, show(result))
  assert.match(result.stderr, /\[LEAKHUNT_LEAK\] LeakhuntWarning: a leak was found: Order grew; the verdict is in \/v\.json/)
})
