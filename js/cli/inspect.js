'use strict'
const { inspect } = require('../inspect.js')
const { commandsTable } = require('./inspect/commands.js')
const { Session } = require('./inspect/session.js')
const { answerLines, answerOnce } = require('./inspect/lines.js')
const { prompt } = require('./inspect/prompt.js')
const { expectFiles, progress } = require('./say.js')

module.exports = {
  usage: 'inspect FILE [-c COMMAND …] [--json] [--no-source-maps]',
  summary: 'answers questions about one snapshot: at a prompt, by -c, or by lines on stdin',
  details: `Reads .heapsnapshot, .heapsnapshot.zst, .heapsnapshot.gz or .lhgraph once, and keeps it in memory. On a terminal there is a prompt with
history and completion. With --json each line of stdin is a command, or a question such as {"question": "classes"}, and each
answer is one JSON document on one line of stdout; a question that cannot be answered has {"error": {"code", "message"}}.

${commandsTable()}`,
  options: {
    command: { type: 'string', short: 'c', multiple: true, value: 'COMMAND', help: 'answer this and end; may be given several times (also -c)' },
    'no-source-maps': { type: 'boolean', help: 'name places as V8 does, and read no source maps' },
    json: { type: 'boolean', help: 'print answers as JSON documents, one a line' },
  },
  async run(values, positionals) {
    const [file] = expectFiles(positionals, 1, 1, this.usage)
    const shown = progress()
    let inspection
    try {
      inspection = await inspect(file, { sourceMaps: !values['no-source-maps'], onProgress: (step) => shown.update(step) })
    } finally {
      shown.end()
    }
    const session = new Session(inspection)
    if (values.command !== undefined) return answerOnce(session, values.command, values)
    if (process.stdin.isTTY && process.stdout.isTTY && !values.json) return prompt(session)
    return answerLines(session, process.stdin, values)
  },
}
