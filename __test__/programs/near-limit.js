'use strict'
// Fills its heap up to the limit, in the way that its arguments say. LEAKHUNT=0 makes it the same app without leakhunt.
//   near-limit.js DIR leak|churn|recover|stopped|stops [OPTIONS as JSON]
const v8 = require('node:v8')
const leakhunt = require('../../js/index.js')
const { until } = require('../program.js')

const [, , dir, how, options = '{}'] = process.argv

class Leaked {
  constructor(i) {
    this.text = `leaked ${i}`
    this.list = [i, { i }]
  }
}

const limits = { cooldownMs: 0, minFreeDiskBytes: 0 }
const hunt = leakhunt.start({ dir, intervalMs: 50, rules: [], growth: false, limits, ...JSON.parse(options) })
const told = { nearLimit: [], snapshots: [], skipped: [] }
hunt.on('near-limit', (event) => told.nearLimit.push(event))
hunt.on('snapshot', (event) => told.snapshots.push(event))
hunt.on('skipped', (event) => told.skipped.push(event))

let leaked = []
const heapLimit = () => v8.getHeapStatistics().heap_size_limit
const turn = () => new Promise((resolve) => setImmediate(resolve))

function leak(count) {
  for (let i = 0; i < count; i++) leaked.push(new Leaked(i))
}

/** As an app does it: a little in every turn of the event loop. */
async function leakUntilDeath() {
  for (;;) {
    leak(2_000)
    await turn()
  }
}

/** As fast as it goes, with no turn of the event loop in between, and ten times as much garbage. */
function churnUntilDeath() {
  for (let i = 0; ; i++) {
    const garbage = []
    for (let j = 0; j < 10; j++) garbage.push({ j, list: [j, { i }] })
    leaked.push(new Leaked(i))
  }
}

async function leakUntilRaised(initial) {
  while (heapLimit() === initial) {
    leak(2_000)
    await turn()
  }
  return heapLimit()
}

/** Stops leaking when the limit is reached and frees everything; and once more. */
async function recoverTwice() {
  const initial = heapLimit()
  const rounds = []
  for (let round = 0; round < 2; round++) {
    const raised = await leakUntilRaised(initial)
    await until(() => told.snapshots.length + told.skipped.length > round, 'an answer to the limit')
    leaked = []
    // It is a full collection that sees how small the heap has become, and it comes when garbage has grown old.
    const window = []
    await until(() => {
      if (window.length > 20) window.length = 0
      window.push(Array.from({ length: 20_000 }, (_, i) => ({ i })))
      return heapLimit() === initial
    }, () => `the limit came back: ${heapLimit()} is not ${initial}`)
    rounds.push({ raised, restored: heapLimit() })
    // Two samples, and it is armed again.
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  hunt.stop()
  process.stdout.write(JSON.stringify({ initial, rounds, told }))
}

/** Without the recorder, that had made V8 ask. */
function stopAndLeak() {
  hunt.stop()
  leakUntilDeath()
}

/** Stops in the middle of the capture at the limit. */
function stopAtLimit() {
  hunt.once('near-limit', () => hunt.stop())
  leakUntilDeath()
}

const ways = { leak: leakUntilDeath, churn: churnUntilDeath, recover: recoverTwice, stopped: stopAndLeak, stops: stopAtLimit }
// Armed by a visit: one turn of the loop is enough for it, and a churn gives no other.
setTimeout(ways[how], 200)
