'use strict'
const { native } = require('../native.js')
const { answer, expectFiles } = require('./say.js')

module.exports = {
  usage: 'census FILE [FILE …] [--diff] [--json]',
  summary: 'lists the classes of the last census in the files, or what has changed since the first',
  details: 'The files are those that `start({ census: { everyMs } })` writes (LEAKHUNT_CENSUS_EVERY_MS): Census.*.lhcensus',
  options: {
    diff: { type: 'boolean', help: 'compare the first census with the last' },
    json: { type: 'boolean', help: 'print all censuses as one JSON document' },
  },
  async run(values, positionals) {
    const files = expectFiles(positionals, 1, Infinity, this.usage)
    const json = await native().readCensuses(files)
    answer(json, values, (columns, color) => native().censusText(json, values.diff === true, columns, color))
    return 0
  },
}
