'use strict'
// What the verbs have in common that ask a running recorder.
const path = require('node:path')
const { ask } = require('../control/ask.js')
const { placesOf } = require('../control/find.js')
const { UsageError, say } = require('./say.js')

const options = {
  thread: { type: 'string', value: 'ID', help: 'the recorder of that worker thread (as `leakhunt ps` lists them) instead of the main one' },
  dir: { type: 'string', value: 'DIR', help: "look for the control socket in that directory of snapshots, where /proc does not show the process's own" },
}

/** A number alone is a process. */
const isPid = (word) => /^[1-9]\d{0,9}$/.test(word)

function wholeNumber(name, text, least, most) {
  if (text === undefined) return undefined
  const number = /^\d+$/.test(text) ? Number(text) : NaN
  if (!(number >= least && number <= most)) throw new UsageError(`--${name} must be a whole number from ${least} to ${most}, got '${text}'`)
  return number
}

const directory = ({ dir }) => (dir === undefined ? undefined : path.resolve(dir))

/** Asks the recorder of process `pid`; the answer, or the error that says why there is none. */
async function askProcess(pid, question, values) {
  const thread = wholeNumber('thread', values.thread, 0, 2 ** 32 - 1)
  const places = placesOf(Number(pid), directory(values))
  return ask(places, { ...question, thread }, () => {
    if (process.stderr.isTTY) say(`leakhunt: process ${pid} is at it`)
  })
}

module.exports = { options, isPid, wholeNumber, directory, askProcess }
