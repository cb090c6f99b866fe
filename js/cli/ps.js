'use strict'
const { ask } = require('../control/ask.js')
const { everyone } = require('../control/find.js')
const { answer, expectFiles } = require('./say.js')
const { amount, since } = require('./amounts.js')
const { directory, options } = require('./running.js')
const { visible } = require('../visible.js')

const HEAD = ['PID', 'THREAD', 'NODE', 'RECORDS FOR', 'HEAP USED', 'OF', 'LAST CAPTURE', 'PROGRAM']

function lastCapture(last) {
  if (last === null) return '-'
  const { kind, timestampMs, code } = last
  return code === null ? `${kind} ${since(timestampMs)} ago` : `${kind} ${since(timestampMs)} ago: ${code}`
}

const cells = ({ pid, threadId, node, program, sinceMs, heapUsedBytes, heapLimitBytes, lastCapture: last }) => [
  String(pid),
  String(threadId),
  node,
  since(sinceMs),
  heapUsedBytes === null ? '-' : amount(heapUsedBytes),
  heapLimitBytes === null ? '-' : amount(heapLimitBytes),
  lastCapture(last),
  program === null ? '-' : visible(program),
]

function table(rows) {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()).join('\n')
}

function text({ recorders, unanswered }) {
  const parts = []
  if (recorders.length > 0) parts.push(table([HEAD, ...recorders.map(cells)]))
  else if (unanswered.length === 0) parts.push('No recorder was found.')
  for (const { message } of unanswered) parts.push(`! ${visible(message)}`)
  return parts.join('\n')
}

/** One row for each recorder of a process; `pid` is the number by which it was found. */
async function askPlace(place) {
  if (place.at === undefined) return { unanswered: [place] }
  try {
    const { versions = {}, recorders } = await ask([place], { verb: 'ps' })
    return { recorders: recorders.map((recorder) => ({ pid: place.pid, node: versions.node ?? null, v8: versions.v8 ?? null, leakhunt: versions.leakhunt ?? null, ...recorder })) }
  } catch ({ code, message }) {
    // It has ended, and left its socket.
    if (code === 'ERR_LEAKHUNT_NO_RECORDER') return {}
    return { unanswered: [{ pid: place.pid, code, message }] }
  }
}

module.exports = {
  usage: 'ps [--dir DIR] [--json]',
  summary: 'lists the recorders that run on this machine, and what they have seen last',
  details: `Those of this user, or of everybody for root. A recorder that cannot be asked is listed with the reason. With --dir it is those that
have a control socket there, by the numbers that their processes have of themselves: for other containers with the same volume.`,
  options: { dir: { ...options.dir, help: 'those in that directory of snapshots, instead of those in /proc' }, json: { type: 'boolean', help: 'print the list as one JSON document' } },
  async run(values, positionals) {
    expectFiles(positionals, 0, 0, this.usage)
    const found = await Promise.all(everyone(directory(values)).map(askPlace))
    const recorders = found.flatMap((each) => each.recorders ?? []).toSorted((a, b) => a.pid - b.pid || a.threadId - b.threadId)
    const unanswered = found.flatMap((each) => each.unanswered ?? [])
    const document = { version: 1, recorders, unanswered }
    answer(JSON.stringify(document), values, () => text(document))
    return 0
  },
}
