'use strict'
// One signal stops the whole service. Every operation listens to it, and keeps listening when it is over.
const { setTimeout: wait } = require('node:timers/promises')
const { setMaxListeners } = require('node:events')

const shutdown = new AbortController()
setMaxListeners(0, shutdown.signal)

class Operation {
  constructor(id) {
    this.id = id
    this.result = null
  }

  async run(signal) {
    signal.addEventListener('abort', () => this.cancel()) // the leak
    await wait(1)
    this.result = { id: this.id, at: new Date() }
  }

  cancel() {
    this.result = 'cancelled'
  }
}

async function round(number) {
  await Promise.all(Array.from({ length: 300 }, (_, i) => new Operation(number * 300 + i).run(shutdown.signal)))
}

module.exports = { leaks: { cause: 'listener', class: 'Operation', holder: ['signal', 'shutdown', 'shutdown.signal', 'AbortSignal'] }, round }
