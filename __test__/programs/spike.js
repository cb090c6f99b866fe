'use strict'
// External memory above a threshold, first for fewer samples than it takes, then for good. Needs --expose-gc.
const leakhunt = require('../../js/index.js')
const { until } = require('../program.js')

const LIMIT = 100e6
const SAMPLES = 5
const TRIES = 10

const hunt = leakhunt.start({
  dir: process.argv[2],
  intervalMs: 100,
  thresholds: { externalBytes: LIMIT, samples: SAMPLES },
  capture: { nice: 0 },
})
const crossings = []
const snapshots = []
const skipped = []
let run = 0
let above = 0
let samples = 0
hunt.on('threshold', (event) => crossings.push(event))
hunt.on('snapshot', (event) => snapshots.push(event))
hunt.on('skipped', (event) => skipped.push(event))
hunt.on('sample', ({ externalBytes }) => {
  samples++
  above = externalBytes >= LIMIT ? above + 1 : 0
  run = Math.max(run, above)
})

let buffer
/** V8 gives a dead buffer's memory back some time after the collection that found it dead. */
const release = () =>
  until(() => {
    buffer = undefined
    globalThis.gc()
    return leakhunt.heapStats().externalBytes < LIMIT
  }, 'the buffer to be given back')

/** One spike, over as soon as a sample has shown it; how many samples in a row did. */
async function spike() {
  run = 0
  buffer = new Uint8Array(2 * LIMIT)
  await until(() => run > 0, 'a sample above the threshold')
  await release()
  const seen = samples
  await until(() => above === 0 && samples > seen + SAMPLES, 'samples below the threshold')
  return run
}

async function main() {
  // On a machine that stalls, a spike may last too long to be one: then it proves nothing, and is tried again.
  let length = SAMPLES
  for (let i = 0; i < TRIES && length >= SAMPLES; i++) {
    crossings.length = 0
    length = await spike()
  }
  const duringSpike = { length, crossings: [...crossings], snapshots: [...snapshots] }

  buffer = new Uint8Array(2 * LIMIT)
  await until(() => snapshots.length > 0 || skipped.length > 0, 'the outcome of the threshold')
  const held = { crossings, snapshots, skipped, bytes: buffer.length }
  hunt.stop()
  process.stdout.write(JSON.stringify({ duringSpike, held, SAMPLES, LIMIT }))
}

main()
