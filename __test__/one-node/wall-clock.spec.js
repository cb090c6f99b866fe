'use strict'
// A wall clock that jumps, forward and back, while the recorder runs and between captures.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { assertTaken, startApp } = require('../app.js')
const { buildLibrary } = require('../native.js')
const { freshDir, until } = require('../program.js')

const DAY_S = 86_400
const JUMPS_S = [400 * DAY_S, -400 * DAY_S, 10 * DAY_S, -3600, 0]

/** An app whose clock `jump` shifts, by seconds against the true one. */
async function appWithClock(t, options) {
  const library = buildLibrary(t, 'wall-clock')
  if (library === null) return null
  const dir = freshDir(t)
  const file = path.join(freshDir(t), 'shift')
  const jump = (seconds) => {
    // Renamed into place: a reader never finds it empty.
    fs.writeFileSync(`${file}.new`, String(seconds))
    fs.renameSync(`${file}.new`, file)
  }
  jump(0)
  const app = await startApp(t, { name: 'timed.js', dir, options, env: { LD_PRELOAD: library, WALL_CLOCK: file, TZ: 'UTC' } })
  return { app, dir, jump }
}

const stamp = (ms) => new Date(ms).toISOString().replaceAll('-', '').replaceAll(':', '').replace('T', '.').slice(0, 15)

test('captures before and after a jump are made, named and dated by the clock of the moment', async (t) => {
  const clocked = await appWithClock(t, {})
  if (clocked === null) return
  const { app, dir, jump } = clocked
  const names = new Set()
  for (const seconds of JUMPS_S) {
    jump(seconds)
    const before = Date.now() + seconds * 1e3
    const details = await app.snapshot()
    const after = Date.now() + seconds * 1e3
    assertTaken(details)
    const [, date, time] = path.basename(details.path).split('.')
    assert.ok(stamp(before) <= `${date}.${time}` && `${date}.${time}` <= stamp(after), `${details.path}, ${stamp(before)}`)
    const { takenAt } = JSON.parse(fs.readFileSync(details.sidecar, 'utf8'))
    assert.ok(before - 1 <= takenAt && takenAt <= after, `${takenAt}`)
    assert.ok(details.durationMs > 0 && details.durationMs < 60_000, `${details.durationMs}`)
    names.add(details.path)
    await app.assertUnharmed()
  }
  assert.strictEqual(names.size, JUMPS_S.length)
  assert.strictEqual(fs.readdirSync(dir).filter((name) => name.endsWith('.zst')).length, JUMPS_S.length)
})

test('jumps neither stop the samples nor bring a capture more than the limits allow', async (t) => {
  const clocked = await appWithClock(t, {
    intervalMs: 20,
    rules: undefined,
    thresholds: { heapUsedBytes: 1, samples: 1, stepPercent: 0, hysteresisPercent: 0 },
    limits: { maxCount: 1, windowMs: 3_600_000, cooldownMs: 0, minFreeDiskBytes: 0 },
  })
  if (clocked === null) return
  const { app, jump } = clocked
  const told = () => app.ask('told')
  await until(async () => (await told()).snapshots === 1, 'the one that is allowed')
  for (const seconds of JUMPS_S) {
    jump(seconds)
    const { samples } = await told()
    await until(async () => (await told()).samples >= samples + 10, 'ten more samples')
    const { lastTimestampMs } = await told()
    const now = Date.now() + seconds * 1e3
    assert.ok(Math.abs(lastTimestampMs - now) < 60_000, `a sample of ${lastTimestampMs} at ${now}`)
  }
  const { snapshots, errors } = await told()
  assert.deepStrictEqual({ snapshots, errors }, { snapshots: 1, errors: [] })
  await app.assertUnharmed()
})
