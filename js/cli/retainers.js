'use strict'
const { native } = require('../native.js')
const { answer, expectFiles } = require('./say.js')

module.exports = {
  usage: 'retainers FILE CLASS|@ID [--json] [--no-source-maps]',
  summary: 'shows who holds the objects of a class, or one object, up to the GC root',
  options: {
    json: { type: 'boolean', help: 'print the paths as one JSON document' },
    'no-source-maps': { type: 'boolean', help: 'name places as V8 does, and read no source maps' },
  },
  async run(values, positionals) {
    const [file, selector] = expectFiles(positionals, 2, 2, this.usage)
    const json = await native().retainers(file, selector, !values['no-source-maps'])
    answer(json, values, (columns, color) => native().retainersText(json, columns, color))
    return 0
  },
}
