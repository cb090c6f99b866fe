'use strict'
// A log that is cut to its limit when it has become twice as long.
class Line {
  constructor(text) {
    this.text = text
    this.at = new Date()
  }
}

const lines = []
const LIMIT = 800

function log(text) {
  lines.push(new Line(text))
  if (lines.length > 2 * LIMIT) lines.splice(0, lines.length - LIMIT)
}

function round(number) {
  for (let i = 0; i < 2150; i++) log(`${number}.${i}`)
}

module.exports = { round }
