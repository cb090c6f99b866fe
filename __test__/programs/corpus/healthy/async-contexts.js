'use strict'
// A context for each request, through timers and promises, and gone when the request is.
const { AsyncLocalStorage } = require('node:async_hooks')
const { setTimeout: wait } = require('node:timers/promises')

const storage = new AsyncLocalStorage()

class RequestContext {
  constructor(id) {
    this.id = id
    this.log = []
  }
}

async function handle() {
  storage.getStore().log.push('begin')
  await wait(1)
  storage.getStore().log.push('end')
}

async function round(number) {
  const requests = Array.from({ length: 400 + 50 * number }, (_, i) => new RequestContext(number * 1000 + i))
  await Promise.all(requests.map((context) => storage.run(context, handle)))
}

module.exports = { round }
