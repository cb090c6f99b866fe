'use strict'
// Takes four snapshots of itself, doing before each what its second argument says: its memory grows where no snapshot shows it,
// or only seems to. Prints where they are.
const { Worker } = require('node:worker_threads')
const leakhunt = require('../../js/index.js')

const [, , dir, how] = process.argv
const MiB = 1024 * 1024
const kept = []

/** What a thread does whose own heap grows: numbers, a mebibyte at a time. */
const GROWING = `
  const { parentPort } = require('node:worker_threads')
  const kept = []
  parentPort.on('message', (mebibytes) => {
    for (let i = 0; i < mebibytes; i++) kept.push(new Float64Array(${MiB} / 8).fill(i))
    parentPort.postMessage(kept.length)
  })`

/** Does what `message` says in `worker`, and waits until it is done. */
const ask = (worker, message) =>
  new Promise((resolve) => {
    worker.once('message', resolve)
    worker.postMessage(message)
  })

const ways = {
  worker() {
    const worker = new Worker(GROWING, { eval: true })
    worker.unref()
    return () => ask(worker, 48)
  },
  /** As much memory outside of the heap, but the snapshots show it. */
  buffers: () => () => {
    for (let i = 0; i < 48; i++) kept.push(Buffer.alloc(MiB, i))
  },
  /** Threads that come and go, each with as much. */
  workers: () => async () => {
    const worker = new Worker(GROWING, { eval: true })
    await ask(worker, 48)
    await worker.terminate()
  },
}

async function main() {
  const hunt = leakhunt.start({ dir, rules: [], growth: false, limits: { minFreeDiskBytes: 0 }, capture: { nice: 0 } })
  const step = ways[how]()
  const paths = []
  for (let i = 0; i < 4; i++) {
    await step()
    paths.push((await hunt.snapshot({ reason: how })).path)
  }
  console.log(JSON.stringify({ paths, kept: kept.length }))
  process.exit()
}
main()
