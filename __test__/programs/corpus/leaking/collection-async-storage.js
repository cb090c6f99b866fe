'use strict'
// The context of a job has a link to the context of whoever started it. Each job starts the next one, so the chain never ends.
const { AsyncLocalStorage } = require('node:async_hooks')

const storage = new AsyncLocalStorage()

class Trace {
  constructor(job, parent) {
    this.job = job
    this.parent = parent
    this.spans = [{ name: `job ${job}`, ms: 1 }]
  }
}

function start(job) { // the leak
  return storage.run(new Trace(job, storage.getStore()), step, job)
}

let ask = null
let stopAt = 0

function step(job) {
  if (job < stopAt) return void setImmediate(() => start(job + 1))
  ask.done()
  return void new Promise((resolve) => (ask.more = resolve)).then(() => start(job + 1))
}

async function round(number) {
  const { more } = ask ?? {}
  stopAt = 300 * (number + 1)
  await new Promise((done) => {
    ask = { done }
    if (more) more()
    else start(0)
  })
}

module.exports = { leaks: { cause: ['collection', 'other'], class: 'Trace', holder: /./ }, round }
