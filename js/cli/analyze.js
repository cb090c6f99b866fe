'use strict'
const { analyze } = require('../analyze.js')
const { native } = require('../native.js')
const { UsageError, answer, expectFiles, progress } = require('./say.js')

// What a shell makes of `leakhunt/*`.
const SIDECAR = /(^|[/\\])Heap\.[\d.]+\.(verdict\.)?json$/

module.exports = {
  usage: 'analyze A [B C …] [--known FILE] [--json] [--strict] [--no-source-maps]',
  summary: 'compares heap snapshots, oldest first, and names the leak',
  details: `Reads .heapsnapshot, .heapsnapshot.zst, .heapsnapshot.gz and .lhgraph. Two snapshots show what grew, three tell a leak from a
one-time load; one alone is inconclusive and shows what is large. Exit code 1 when a leak was found that is not known.
A list of known leaks is [{ "fingerprint": "…", "reason": "…", "until": "2027-01-31" }]; a verdict document serves as well.`,
  options: {
    json: { type: 'boolean', help: 'print the verdict document' },
    'no-source-maps': { type: 'boolean', help: 'name places as V8 does, and read no source maps' },
    known: { type: 'string', value: 'FILE', help: 'leaks that are accepted: told apart, and no reason for exit code 1' },
    strict: { type: 'boolean', help: "exit code 1 for 'inconclusive' as well" },
  },
  async run(values, positionals) {
    const files = expectFiles(positionals, 1, Infinity, this.usage)
    const sidecar = files.find((file) => SIDECAR.test(file))
    if (sidecar !== undefined) throw new UsageError(`'${sidecar}' is no snapshot but lies beside one: give the .heapsnapshot.zst or .lhgraph files alone`)
    const shown = progress()
    let verdict
    try {
      verdict = await analyze(files, {
        known: values.known,
        sourceMaps: !values['no-source-maps'],
        onProgress: (step) => shown.update(step),
      })
    } finally {
      shown.end()
    }
    const json = JSON.stringify(verdict)
    answer(json, values, (columns, color) => native().verdictText(json, columns, color))
    if (verdict.verdict === 'leak') return 1
    return verdict.verdict === 'inconclusive' && values.strict ? 1 : 0
  },
}
