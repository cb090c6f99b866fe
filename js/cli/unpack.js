'use strict'
const { native } = require('../native.js')
const { UsageError, answer, expectFiles } = require('./say.js')

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
    const json = await native().unpack(file, values.output)
    answer(json, values, () => {
      const { path, bytes } = JSON.parse(json)
      return `${path} (${bytes} bytes)`
    })
    return 0
  },
}
