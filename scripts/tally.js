'use strict'
// Runs tests and counts them: one row for each run, `{name, passed, failed, skipped}`.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { spawn, spawnSync } = require('node:child_process')
const { ROOT, run, say } = require('./say.js')

/** cargo's own lines are `test result: ok. 3 passed; 0 failed; 1 ignored; …`, one for each test binary. */
function runCargo() {
  say('pure Rust tests, and what fuzzing has kept (cargo test --lib --test fuzz)')
  const { status, stdout, error } = spawnSync('cargo', ['test', '--lib', '--test', 'fuzz', '--quiet'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  })
  process.stdout.write(stdout ?? '')
  const row = { name: 'cargo test', passed: 0, failed: 0, skipped: 0 }
  for (const [, passed, failed, ignored] of (stdout ?? '').matchAll(/(\d+) passed; (\d+) failed; (\d+) ignored/g)) {
    row.passed += Number(passed)
    row.failed += Number(failed)
    row.skipped += Number(ignored)
  }
  // It did not even build, or died: that is a failure that nothing has counted.
  if ((status !== 0 || error) && row.failed === 0) row.failed = 1
  return row
}

/** Runs specs with one Node binary. The spec reporter is for people, the TAP beside it for counting. */
function runSpecs(name, node, files, env) {
  const row = { name, passed: 0, failed: 0, skipped: 0 }
  if (files.length === 0) return row
  say(name)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-tap-'))
  const tap = path.join(folder, 'results.tap')
  try {
    const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout', '--test-reporter=tap', `--test-reporter-destination=${tap}`]
    const code = run(node, ['--test', '--test-concurrency=2', ...reporters, ...files], { env })
    const text = fs.existsSync(tap) ? fs.readFileSync(tap, 'utf8') : ''
    const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
    row.passed = count('pass')
    row.failed = count('fail') + count('cancelled')
    row.skipped = count('skipped') + count('todo')
    if (code !== 0 && row.failed === 0) row.failed = 1
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
  return row
}

/** The demo judges itself by its exit code. `hogs` is how many other programs want the machine at the same time. */
function runDemo(hogs) {
  const name = hogs === 0 ? 'the demo' : `the demo beside ${hogs} programs that never rest`
  say(name)
  const others = Array.from({ length: hogs }, () => spawn('sha256sum', ['/dev/zero'], { stdio: 'ignore' }))
  try {
    const code = run(process.execPath, [path.join(ROOT, 'js', 'cli.js'), 'demo'])
    return { name, passed: Number(code === 0), failed: Number(code !== 0), skipped: 0 }
  } finally {
    for (const other of others) other.kill('SIGKILL')
  }
}

const total = (rows) =>
  rows.reduce(
    (sum, { passed, failed, skipped }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  )

const words = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`

/** The rows, and the sum alone on the last line. */
function show(rows) {
  process.stdout.write('\n')
  for (const row of rows) process.stdout.write(`${row.name}: ${words(row)}\n`)
  process.stdout.write(`\n${words(total(rows))}\n`)
}

module.exports = { runCargo, runSpecs, runDemo, total, show }
