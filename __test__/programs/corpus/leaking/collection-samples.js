'use strict'
// Every duration is written down for a percentile that is asked for once a day.
const durations = []

function measured(ms) { // the leak
  durations.push(ms)
}

function round(number) {
  for (let i = 0; i < 120_000; i++) measured(number + i / 7)
}

module.exports = { leaks: { cause: 'collection', class: 'Array', holder: 'durations' }, round }
