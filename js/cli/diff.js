'use strict'
const { native } = require('../native.js')
const { answer, expectFiles } = require('./say.js')

module.exports = {
  usage: 'diff A B [--json]',
  summary: 'shows by class what one snapshot has more or less than another',
  options: { json: { type: 'boolean', help: 'print the table as one JSON document' } },
  async run(values, positionals) {
    const [before, after] = expectFiles(positionals, 2, 2, this.usage)
    const json = await native().diff(before, after)
    answer(json, values, (columns, color) => native().diffText(json, columns, color))
    return 0
  },
}
