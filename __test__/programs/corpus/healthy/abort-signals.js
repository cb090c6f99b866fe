'use strict'
// Operations that listen to the service's signal while they run, and no longer; timeouts that are dropped when they are not needed.
const { setTimeout: wait } = require('node:timers/promises')
const { setMaxListeners } = require('node:events')

const shutdown = new AbortController()
setMaxListeners(0, shutdown.signal)

class Operation {
  constructor(id) {
    this.id = id
  }

  async run(signal) {
    const cancel = () => (this.cancelled = true)
    signal.addEventListener('abort', cancel, { once: true })
    try {
      await wait(1, null, { signal })
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}

async function round(number) {
  await Promise.all(Array.from({ length: 300 }, (_, i) => new Operation(number * 300 + i).run(shutdown.signal)))
}

module.exports = { round }
