'use strict'
// What the verbs that write another file have in common: `FILE -o OUT`, and nothing unfinished left behind when they are interrupted.
const { answer, expectFiles, incomplete, progress } = require('./say.js')
const { visible } = require('../visible.js')

const options = {
  output: { type: 'string', short: 'o', value: 'OUT', help: 'the file to write (also -o)' },
  json: { type: 'boolean', help: 'print {"path", "bytes"}' },
}

/** Has `work(file, out, onProgress, signal)` write the file. */
async function rewrite(verb, work, values, positionals) {
  const [file] = expectFiles(positionals, 1, 1, verb.usage)
  if (!values.output) throw incomplete(verb.usage, 'the file to write is missing (-o OUT)')
  const interrupted = new AbortController()
  // The unfinished file goes before we do.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => interrupted.abort())
  const shown = progress()
  let json
  try {
    json = await work(file, values.output, (step) => shown.update(step), interrupted.signal)
  } finally {
    shown.end()
  }
  answer(json, values, () => {
    const { path, bytes } = JSON.parse(json)
    return `${visible(path)} (${bytes} bytes)`
  })
  return 0
}

module.exports = { options, rewrite }
