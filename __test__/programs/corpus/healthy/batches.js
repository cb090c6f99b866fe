'use strict'
// Records are written in batches of a thousand; what is left over waits for the next round.
class Row {
  constructor(id) {
    this.id = id
    this.values = [id, `value ${id}`]
  }
}

let batch = []
let written = 0

function write(row) {
  batch.push(row)
  if (batch.length < 1000) return
  written += batch.length
  batch = []
}

function round(number) {
  for (let i = 0; i < 2750; i++) write(new Row(number * 2750 + i))
  return written
}

module.exports = { round }
