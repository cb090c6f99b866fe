'use strict'
// Promises that never settle, functions that wait for them, and stores of an AsyncLocalStorage that outlive their request.
const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks')

class Job {
  constructor(i) {
    this.name = `job ${i}`
  }
}
class RequestStore extends Job {}
class Reply extends Job {}
class Done extends Job {}

const storage = new AsyncLocalStorage()
const never = new Promise(() => {})
const pending = []

async function waitForever(job) {
  await never
  return job.name
}

async function waitForReply(reply) {
  await new Promise((resolve) => pending.push(resolve))
  return reply.name
}

async function finish(done) {
  await null
  return done.name
}

const resources = []
function serve(store) {
  storage.run(store, () => {
    resources.push(new AsyncResource('Kept'))
  })
}

function work(i) {
  waitForever(new Job(i))
  waitForReply(new Reply(i))
  serve(new RequestStore(i))
  return finish(new Done(i))
}

module.exports = { work }
