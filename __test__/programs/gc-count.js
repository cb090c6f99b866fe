'use strict'
// Counts collections by kind, twice: as leakhunt tells them and as a PerformanceObserver does. Needs --expose-gc.
const { PerformanceObserver } = require('node:perf_hooks')
const leakhunt = require('../../js/index.js')
const { until } = require('../program.js')

const FORCED = 5
const NATURAL_SCAVENGES = 20
const QUIET_SAMPLES = 3

const ours = {}
const theirs = {}
const count = (table, kind) => (table[kind] = (table[kind] ?? 0) + 1)
const copy = () => JSON.stringify([ours, theirs])
const since = (now, then) => Object.fromEntries(Object.entries(now).map(([kind, n]) => [kind, n - (then[kind] ?? 0)]))

const observer = new PerformanceObserver((list) => {
  for (const { detail } of list.getEntries()) count(theirs, detail.kind)
})
observer.observe({ entryTypes: ['gc'] })

const hunt = leakhunt.start({ dir: process.argv[2], intervalMs: 20, rules: [], growth: false })
let samples = 0
let events = []
hunt.on('sample', () => samples++)
hunt.on('gc', (event) => {
  count(ours, event.kindBits)
  events.push(event)
})

/** Nothing has been counted by either side for some samples: both have told all that they know. */
async function quiet() {
  let before
  do {
    before = copy()
    const seen = samples
    await until(() => samples >= seen + QUIET_SAMPLES, 'a few samples')
  } while (before !== copy())
}

function churn() {
  const kept = []
  for (let i = 0; i < 20_000; i++) kept.push({ i, text: `item ${i}`, list: [i, i + 1] })
  return kept.length
}

async function main() {
  // The wish for `gc` events travels to the background thread: what is counted begins once the first one has come.
  await until(() => {
    globalThis.gc()
    return events.length > 0
  }, 'the first gc event')
  await quiet()
  const [oursBefore, theirsBefore] = JSON.parse(copy())
  events = []

  for (let i = 0; i < FORCED; i++) {
    globalThis.gc()
    globalThis.gc({ type: 'minor' })
  }
  const held = []
  await until(() => {
    held.push(Array.from({ length: 5_000 }, (_, i) => ({ i })))
    churn()
    return since(ours, oursBefore)[1] + (since(ours, oursBefore)[2] ?? 0) >= NATURAL_SCAVENGES
  }, 'natural scavenges')
  await quiet()

  const result = { ours: since(ours, oursBefore), theirs: since(theirs, theirsBefore), held: held.length, events }
  observer.disconnect()
  hunt.stop()
  process.stdout.write(JSON.stringify(result))
}

main()
