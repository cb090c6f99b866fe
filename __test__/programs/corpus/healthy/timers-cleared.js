'use strict'
// Each call has a timeout that is cleared when the call is over, and a few intervals run for ever.
class Call {
  constructor(id) {
    this.id = id
    this.attempts = 0
  }

  run() {
    const timeout = setTimeout(() => (this.failed = true), 60_000)
    return Promise.resolve(this).finally(() => clearTimeout(timeout))
  }
}

const counts = { seconds: 0, minutes: 0 }

function setup() {
  setInterval(() => (counts.seconds += 1), 1000)
  setInterval(() => (counts.minutes += 1), 60_000)
}

async function round(number) {
  await Promise.all(Array.from({ length: 500 }, (_, i) => new Call(number * 500 + i).run()))
}

module.exports = { setup, round }
