'use strict'
// An app with worker threads that record and capture, and that end whenever it is told to end them.
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')
const { once } = require('node:events')

const workers = new Map()

/** Resolves to what the worker says next, or to how it ended. */
const next = (worker) =>
  Promise.race([
    once(worker, 'message').then(([message]) => message),
    once(worker, 'exit').then(([code]) => ({ ended: code })),
  ])

if (isMainThread) {
  require('./app.js').serve(({ options }) => ({
    /** A name, or a name and the options of the worker's own recorder. */
    async add(what) {
      const { name, options: own } = typeof what === 'string' ? { name: what, options } : what
      const worker = new Worker(__filename, { workerData: { options: own } })
      workers.set(name, worker)
      return next(worker)
    },
    /** A snapshot of a worker's isolate. */
    snapshotIn(name) {
      workers.get(name).postMessage('snapshot')
      return next(workers.get(name))
    },
    returnFrom(name) {
      workers.get(name).postMessage('return')
      return next(workers.get(name))
    },
    terminate: (name) => workers.get(name).terminate(),
  }))
} else {
  const held = Array.from({ length: 5_000 }, (_, i) => ({ i }))
  const hunt = require('../../js/index.js').start(workerData.options)
  parentPort.on('message', async (verb) => {
    if (verb === 'return') return parentPort.close()
    parentPort.postMessage(await hunt.snapshot().catch(({ code, message }) => ({ code, message })))
  })
  parentPort.postMessage({ ready: held.length })
}
