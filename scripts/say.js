'use strict'
// How the scripts speak, and how they run a command.
const { spawnSync } = require('node:child_process')
const path = require('node:path')

const ROOT = path.join(__dirname, '..')

const say = (text) => process.stderr.write(`· ${text}\n`)

/** Runs a command with our own output. Returns its exit code; a command that is not there has 127. */
function run(command, args, { cwd = ROOT, env = process.env } = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd, env, stdio: 'inherit' })
  if (error) {
    say(`${command}: ${error.message}`)
    return 127
  }
  return status ?? (signal === null ? 1 : 128)
}

/** The same, for a step without which there is no going on. */
function must(command, args, options) {
  const code = run(command, args, options)
  if (code !== 0) {
    say(`'${[command, ...args].join(' ')}' failed`)
    process.exit(code)
  }
}

module.exports = { ROOT, say, run, must }
