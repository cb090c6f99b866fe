'use strict'
// Temporal's objects where this Node has them, and dates and durations of the program's own where it does not.
const { many } = require('./many.js')

class PlantedSpan {
  constructor(number) {
    this.from = new Date(number * 1e6)
    this.to = new Date(number * 2e6)
  }
}

module.exports = async () => {
  const { Temporal } = globalThis
  const make = (maker) => (Temporal === undefined ? [] : many(300, maker))
  return {
    spans: many(1000, (number) => new PlantedSpan(number)),
    dates: make((number) => Temporal.PlainDate.from('2026-01-01').add({ days: number })),
    times: make((number) => Temporal.PlainTime.from({ hour: number % 24 })),
    instants: make((number) => Temporal.Instant.fromEpochMilliseconds(number * 1e9)),
    zoned: make(() => Temporal.ZonedDateTime.from('2026-01-01T00:00[UTC]')),
    durations: make((number) => Temporal.Duration.from({ hours: number })),
  }
}
