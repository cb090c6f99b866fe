'use strict'
// performance.mark() for each request. The marks stay in Node's timeline until clearMarks().
const { performance } = require('node:perf_hooks')

function handle(id) { // the leak
  performance.mark(`request ${id}`)
  return Math.sqrt(id)
}

function round(number) {
  for (let i = 0; i < 300; i++) handle(number * 300 + i)
}

module.exports = { leaks: { cause: 'collection', class: 'PerformanceMark', holder: ['markEntryBuffer', /./] }, round }
