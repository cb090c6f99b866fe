'use strict'
// A function without a name for its result puts it where everybody finds it: into the global object.
class Result {
  constructor(id) {
    this.id = id
    this.values = [id, id + 1]
  }
}

function compute(id) { // the leak
  globalThis[`result_${id}`] = new Result(id)
}

function round(number) {
  for (let i = 0; i < 300; i++) compute(number * 300 + i)
}

module.exports = { leaks: { cause: ['collection', 'other'], class: 'Result', holder: ['globalThis', 'global', 'Object / ', /./] }, round }
