'use strict'
// What the names of snapshots tell of the order in which they are given, and of the processes that they come from.
const path = require('node:path')
const { invalidOption } = require('./errors.js')
const { originOf } = require('./snapshot-name.js')
const { visible } = require('./visible.js')

/** Local clocks go back as well, an hour each autumn: of one thread the number has to agree. */
const isBefore = (a, b) => a.when < b.when && (a.of !== b.of || a.number < b.number)

/** One snapshot twice is an interval without growth: it would acquit whatever leaks. */
function checkDistinct(paths) {
  const seen = new Set()
  for (const file of paths) {
    const whole = path.resolve(file)
    if (seen.has(whole)) throw invalidOption(RangeError, `option 'files' must be snapshots that differ, oldest first, got '${file}' twice`)
    seen.add(whole)
  }
}

/** What a reader should know before believing the verdict. */
function orderNotes(paths) {
  const notes = []
  const origins = paths.map(originOf)
  const late = origins.findIndex((each, i) => i > 0 && each !== null && origins[i - 1] !== null && isBefore(each, origins[i - 1]))
  if (late > 0) {
    const [before, after] = [paths[late - 1], paths[late]].map((file) => visible(path.basename(file)))
    notes.push(`not oldest first: by its name ${after} is older than ${before}, which stands before it; growth that is read backwards is no growth`)
  }
  const threads = new Set(origins.filter((each) => each !== null).map((each) => each.of))
  if (threads.size > 1) {
    const shown = [...threads].slice(0, 5).join(', ')
    notes.push(`by their names these are snapshots of ${threads.size} processes or threads (${shown}${threads.size > 5 ? ', …' : ''}): what differs between them need not be growth`)
  }
  return notes
}

module.exports = { checkDistinct, orderNotes }
