'use strict'
// Errors with stacks that were read and that were not, causes, aggregates, and with stack frames kept by prepareStackTrace.
const { many } = require('./many.js')

class PlantedFailure extends Error {
  constructor(number) {
    super(`failure ${number}`)
    this.details = { number }
  }
}

function deep(depth, number) {
  return depth === 0 ? new PlantedFailure(number) : deep(depth - 1, number)
}

module.exports = async () => {
  const read = many(300, (number) => deep(5, number))
  for (const error of read) error.length = error.stack.length
  const sites = many(100, (number) => {
    const before = Error.prepareStackTrace
    Error.prepareStackTrace = (_error, frames) => frames
    const { stack } = deep(3, number)
    Error.prepareStackTrace = before
    return stack
  })
  return {
    read, sites,
    unread: many(500, (number) => deep(number % 10, number)),
    causes: many(200, (number) => new TypeError('outer', { cause: deep(2, number) })),
    aggregates: many(100, (number) => new AggregateError([deep(1, number), { number }], 'many')),
    captured: many(200, (number) => { const holder = { number }; Error.captureStackTrace(holder); return holder }),
    asynchronous: await Promise.all(many(100, async (number) => { await null; return new PlantedFailure(number) })),
    thrown: many(100, () => { try { null.property } catch (error) { return error } }),
    dom: many(50, () => new DOMException('planted', 'AbortError')),
  }
}
