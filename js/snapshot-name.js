'use strict'
// What the name that leakhunt gives a snapshot tells of it.
const path = require('node:path')

const NAME = /^Heap\.(?<day>\d{8})\.(?<time>\d{6})\.(?<pid>\d+)\.(?<thread>\d+)\.(?<number>\d+)\.(heapsnapshot(\.zst|\.gz)?|lhgraph)$/

/** When it was taken, of which thread of which process, and as which of these; null for a file whose name says nothing. */
function originOf(file) {
  const found = NAME.exec(path.basename(file))
  if (found === null) return null
  const { day, time, pid, thread, number } = found.groups
  return { when: day + time, of: `${pid}.${thread}`, number: Number(number) }
}

module.exports = { originOf }
