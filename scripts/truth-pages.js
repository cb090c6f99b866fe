'use strict'
// npm run truth:pages: a census beside V8's own snapshot of the same heap, on every stock Node, and the largest differences by class. `npm run truth:pages -- 24 26`
// for some of them.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { spawnSync } = require('node:child_process')
const { ROOT, say } = require('./say.js')
const { ensurePackages, ensureAddon, ensureNodes } = require('./setup.js')

const SHOWN = 15
const PROGRAM = path.join(ROOT, '__test__', 'programs', 'census.js')

ensurePackages()
ensureAddon()
const majors = process.argv.slice(2)

const mb = (bytes) => (bytes / 1e6).toFixed(1)
const row = ({ key, census, v8 }) => `  ${key.padEnd(44)} ${String(census.count).padStart(8)} ${String(v8.count).padStart(8)} ${String(census.bytes - v8.bytes).padStart(10)}`

for (const { name, path: node, version, reason } of ensureNodes()) {
  if (majors.length > 0 && !majors.some((major) => name.endsWith(major))) continue
  if (node === undefined) {
    say(`${name} is left out: ${reason}`)
    continue
  }
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-truth-'))
  try {
    const { status, stdout, stderr } = spawnSync(node, [PROGRAM, dir], { encoding: 'utf8', maxBuffer: 2 ** 28 })
    if (status !== 0) {
      process.stderr.write(stderr)
      process.exitCode = 2
      continue
    }
    const { figures, classes, differences } = JSON.parse(stdout)
    const { totalBytes, heapUsedBytes, unnamedBytes, walkMs, freeBytes } = figures
    const rate = ((totalBytes + freeBytes) / 1e6 / walkMs).toFixed(2)
    process.stdout.write(
      `\nNode ${version}: ${classes} classes, ${mb(totalBytes)} MB counted, ${totalBytes - heapUsedBytes} bytes more than V8 says is used, ${unnamedBytes} bytes unnamed, ${rate} GB/s\n` +
        `  ${'class'.padEnd(44)} ${'census'.padStart(8)} ${'V8'.padStart(8)} ${'bytes off'.padStart(10)}\n` +
        `${differences.slice(0, SHOWN).map(row).join('\n')}\n`,
    )
  } finally {
    fs.rmSync(dir, { recursive: true, force: true })
  }
}
