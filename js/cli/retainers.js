'use strict'
const { native } = require('../native.js')
const { answer, expectFiles } = require('./say.js')

module.exports = {
  usage: 'retainers FILE CLASS|@ID [--json]',
  summary: 'shows who holds the objects of a class, or one object, up to the GC root',
  options: { json: { type: 'boolean', help: 'print the paths as one JSON document' } },
  async run(values, positionals) {
    const [file, selector] = expectFiles(positionals, 2, 2, this.usage)
    const json = await native().retainers(file, selector)
    answer(json, values, (columns, color) => native().retainersText(json, columns, color))
    return 0
  },
}
