'use strict'
// The process in which an unattended hunt is analysed, started by the recorder's native half with the list of known leaks, the app's pid and the snapshots.
// It ends with the app, and answers with one JSON document on stdout: the verdict, and what this process has taken.
const { analyzeAnyway } = require('./analyze.js')
const { heapStats } = require('./heap-stats.js')
const { native } = require('./native.js')

async function main([known, parent, ...files]) {
  native().endWith(Number(parent))
  const document = await analyzeAnyway(files, { known: known || undefined })
  const { user, system } = process.cpuUsage()
  // Not `maxRSS` of getrusage(2): until it has more of its own, a process has that of the one that it was started from.
  return { document, cost: { cpuMs: (user + system) / 1000, peakRssBytes: heapStats().peakRssBytes } }
}

main(process.argv.slice(2)).then(
  (answer) => process.stdout.write(JSON.stringify(answer)),
  (error) => {
    process.stderr.write(`${error?.message ?? error} (${error?.code ?? 'ERR_LEAKHUNT_INTERNAL'})\n`)
    process.exitCode = 2
  },
)
