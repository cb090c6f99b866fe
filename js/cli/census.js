'use strict'
const { native } = require('../native.js')
const { answer, expectFiles, incomplete } = require('./say.js')
const { askProcess, isPid, options, wholeNumber } = require('./running.js')

const OF_PROCESS = ['max-classes', 'thread', 'dir']
const MOST_CLASSES = 10_000

module.exports = {
  usage: 'census PID [--max-classes N] [--thread ID] [--dir DIR] [--json]  or: census FILE [FILE …] [--diff] [--json]',
  summary: 'counts the objects of a running process by class; or lists the last census in files, or what has changed since the first',
  details: `A number alone is a process, in which a recorder has to run: it takes a census at once, as hunt.census() does (a file of such a name is
written as ./1234). The files are those that \`start({ census: { everyMs } })\` writes (LEAKHUNT_CENSUS_EVERY_MS): Census.*.lhcensus`,
  options: {
    diff: { type: 'boolean', help: 'of files: compare the first census with the last' },
    'max-classes': { type: 'string', value: 'N', help: `of a process: classes that are told one by one, 1 to ${MOST_CLASSES} (2000)` },
    ...options,
    json: { type: 'boolean', help: 'print all censuses as one JSON document' },
  },
  async run(values, positionals) {
    const words = expectFiles(positionals, 1, Infinity, this.usage)
    const json = words.some(isPid) ? await this.ofProcess(values, words) : await this.ofFiles(values, words)
    answer(json, values, (columns, color) => native().censusText(json, values.diff === true, columns, color))
    return 0
  },
  async ofProcess(values, [pid, another]) {
    if (another !== undefined) throw incomplete(this.usage, 'the number of a process stands alone')
    if (values.diff) throw incomplete(this.usage, '--diff compares censuses in files')
    const maxClasses = wholeNumber('max-classes', values['max-classes'], 1, MOST_CLASSES)
    const { census } = await askProcess(pid, { verb: 'census', maxClasses }, values)
    return native().censusSeries(JSON.stringify(census))
  },
  ofFiles(values, files) {
    const misplaced = OF_PROCESS.find((name) => values[name] !== undefined)
    if (misplaced !== undefined) throw incomplete(this.usage, `--${misplaced} is for a process, and '${files[0]}' is a file`)
    return native().readCensuses(files)
  },
}
