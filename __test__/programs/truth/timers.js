'use strict'
// Three hundred thousand timers in lists of many durations, intervals, immediates, and one whose callback is bound.
const { many } = require('./many.js')

class PlantedLease {
  constructor(number) {
    this.number = number
    this.timer = setTimeout(() => this.end(), 1e6 + (number % 97)).unref()
  }
  end() {
    clearTimeout(this.timer)
  }
}

module.exports = async () => ({
  leases: many(100_000, (number) => new PlantedLease(number)),
  plain: many(200_000, (number) => setTimeout(noop, 2e6 + (number % 13)).unref()),
  intervals: many(1000, (number) => setInterval(noop, 1e6 + number, { number }).unref()),
  bound: setTimeout(PlantedLease.prototype.end.bind({ timer: null }), 1e6).unref(),
  waiting: many(1000, (number) => require('node:timers/promises').setTimeout(1e6, { number }, { ref: false })),
})

function noop() {}
