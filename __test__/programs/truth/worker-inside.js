'use strict'
// A worker that captures itself, beside a main thread with objects of the same classes.
const { once } = require('node:events')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')
const leakhunt = require('../../../js/index.js')
const { many } = require('./many.js')

class PlantedJob {
  constructor(number) {
    this.number = number
    this.steps = new Map([[number, () => this]])
  }
}

if (isMainThread) {
  module.exports = async () => ({
    jobs: many(7000, (number) => new PlantedJob(number)),
    async capture(options, request) {
      const worker = new Worker(__filename, { workerData: { options, request } })
      const [answer] = await once(worker, 'message')
      worker.unref()
      return answer
    },
  })
} else {
  globalThis.kept = many(2500, (number) => new PlantedJob(number))
  setImmediate(async () => {
    const hunt = leakhunt.start(workerData.options)
    const details = await hunt.snapshot(workerData.request)
    hunt.stop()
    parentPort.postMessage(details)
  })
}
