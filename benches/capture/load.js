'use strict'
// Load from a process of its own: autocannon at a steady rate, until its input ends. Prints the end of each request, in ms since 1970, and how long it took.
const autocannon = require('autocannon')

const [, , port, rate] = process.argv
const instance = autocannon({ url: `http://127.0.0.1:${port}`, connections: 20, overallRate: Number(rate), duration: 3600 })
const lines = []
instance.on('response', (_client, _status, _bytes, ms) => lines.push(`${Date.now()} ${ms}`))
const flush = () => process.stdout.write(lines.splice(0).map((line) => `${line}\n`).join(''))
setInterval(flush, 500).unref()
process.stdin.resume().on('end', () => {
  flush()
  process.exit(0)
})
