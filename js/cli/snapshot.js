'use strict'
const { answer, expectFiles, incomplete } = require('./say.js')
const { amount, time } = require('./amounts.js')
const { askProcess, isPid, options } = require('./running.js')
const { visible } = require('../visible.js')

function text({ path, mode, redacted, pauseMs, durationMs, bytes, rawBytes }) {
  return `${visible(path)}
  ${mode === 'fork' ? 'a forked child wrote it' : 'written in the process'} in ${time(durationMs)}, for which the app stood still for ${time(pauseMs)}
  ${amount(rawBytes)} written as ${amount(bytes)}, ${redacted ? 'without' : 'WITH'} the contents of strings
`
}

module.exports = {
  usage: 'snapshot PID [--reason TEXT] [--thread ID] [--dir DIR] [--json]',
  summary: 'has a running recorder write a heap snapshot, and says where it is',
  details: `The same as hunt.snapshot() in the program, with the options that it was started with: the file is in its directory, and
redacted unless they say otherwise. It takes no inspector and no signal (docs/control-socket.md).`,
  options: {
    reason: { type: 'string', value: 'TEXT', help: 'written beside the snapshot; at most 200 characters' },
    ...options,
    json: { type: 'boolean', help: 'print all that is known of it as one JSON document' },
  },
  async run(values, positionals) {
    const [pid] = expectFiles(positionals, 1, 1, this.usage)
    if (!isPid(pid)) throw incomplete(this.usage, `'${pid}' is not the number of a process`)
    const taken = await askProcess(pid, { verb: 'snapshot', reason: values.reason }, values)
    answer(JSON.stringify(taken), values, () => text(taken))
    return 0
  },
}
