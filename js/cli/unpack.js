'use strict'
const { native } = require('../native.js')
const { UsageError, answer, expectFiles } = require('./say.js')
const { visible } = require('../visible.js')

module.exports = {
  usage: 'unpack FILE -o OUT.heapsnapshot [--json]',
  summary: 'writes a plain .heapsnapshot that Chrome DevTools opens',
  details: 'An existing file is never overwritten.',
  options: {
    output: { type: 'string', short: 'o', value: 'OUT', help: 'the file to write (also -o)' },
    json: { type: 'boolean', help: 'print {"path", "bytes"}' },
  },
  async run(values, positionals) {
    const [file] = expectFiles(positionals, 1, 1, this.usage)
    if (!values.output) throw new UsageError(`usage: leakhunt ${this.usage}`)
    const interrupted = new AbortController()
    // The unfinished file goes before we do.
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort())
    const json = await native().unpack(file, values.output, undefined, interrupted.signal)
    answer(json, values, () => {
      const { path, bytes } = JSON.parse(json)
      return `${visible(path)} (${bytes} bytes)`
    })
    return 0
  },
}
