'use strict'
// capabilities({ prove: true }): one real forked snapshot of a heap made for it, a worker's of some megabytes. Everything about a fork that belongs to the
// process or the machine is the same as for the app's own heap, and the main thread does not stop.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')

/** Objects that the snapshot has to show. */
const PLANTED = 1_000

const BUSY = 'ERR_LEAKHUNT_CAPTURE_BUSY'
const AGAIN_MS = 50
const PATIENCE_MS = 30_000

class LeakhuntProof {
  constructor(number) {
    this.number = number
  }
}

async function snapshotInTurn(hunt) {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await hunt.snapshot({ reason: 'proof' })
    } catch (error) {
      // A capture of the app's own goes first.
      if (error.code !== BUSY || performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }
}

async function captureHere(dir) {
  const planted = Array.from({ length: PLANTED }, (_, number) => new LeakhuntProof(number))
  const hunt = require('./index.js').start({
    dir,
    rules: [],
    growth: false,
    limits: { minFreeDiskBytes: 0 },
    capture: { mode: 'fork', nice: 0, nearHeapLimit: false },
    control: false,
    // Nobody is to be handed a proof, whatever the environment says.
    deliver() {},
  })
  try {
    const { sidecar, pauseMs, durationMs } = await snapshotInTurn(hunt)
    const { classes } = JSON.parse(fs.readFileSync(sidecar, 'utf8'))
    const found = classes.find(({ name }) => name === LeakhuntProof.name)?.count ?? 0
    if (found !== planted.length) throw new Error(`the snapshot shows ${found} of ${planted.length} objects that were planted`)
    return { reason: null, pauseMs, durationMs }
  } finally {
    hunt.stop()
  }
}

/** Whether a forked capture works here: `{ reason, pauseMs, durationMs }`, with a null reason where it does. */
async function proveFork() {
  let dir
  try {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-proof-'))
    const worker = new Worker(__filename, { workerData: { leakhuntProof: dir }, execArgv: [], stdout: true, stderr: true })
    // Nobody is kept waiting at the end of the process for a proof.
    worker.unref()
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', (code) => reject(new Error(`the worker that was to be captured ended with code ${code}`)))
    })
  } catch (error) {
    return { reason: error.message }
  } finally {
    if (dir !== undefined) fs.rmSync(dir, { recursive: true, force: true })
  }
}

if (!isMainThread && workerData?.leakhuntProof !== undefined) {
  captureHere(workerData.leakhuntProof)
    .catch(({ message, code }) => ({ reason: code === undefined ? message : `${message} (${code})` }))
    .then((answer) => parentPort.postMessage(answer))
}

module.exports = { proveFork }
