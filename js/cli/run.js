'use strict'
// Starts a program with the recorder preloaded, stands aside while it runs, and reads what it left behind.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { spawn } = require('node:child_process')
const { withCode } = require('../errors.js')
const { OPTIONS } = require('../options/table.js')
const { parse } = require('../options/check.js')
const { readSwitch, resolveOptions, switchedOff } = require('../options/index.js')
const { chooseDirectory } = require('../options/directory.js')
const { findManifest, readManifest } = require('../options/manifest.js')
const { reportRun, listFiles } = require('./run-report.js')
const { UsageError, incomplete, oneLine, say } = require('./say.js')

const REGISTER = path.join(__dirname, '..', 'register.js')

const flagOf = (env) => env.toLowerCase().replaceAll('_', '-')
const FLAGS = new Map(Object.entries(OPTIONS).flatMap(([name, spec]) => (spec.env ? [[flagOf(spec.env), { name, ...spec }]] : [])))

const value = ({ type, unit, values }) => values?.join('|') ?? (type === 'boolean' ? 'on|off' : (unit ?? type)).toUpperCase().replace(' ', '')

const options = Object.fromEntries(
  [...FLAGS].map(([flag, spec]) => [
    flag,
    { type: 'string', value: value(spec), help: spec.default === undefined ? spec.help : `${spec.help} (${spec.default})` },
  ]),
)

/** NODE_OPTIONS is split at spaces, but for what stands in double quotes. */
function withPreload(nodeOptions = '') {
  const quoted = /[\s"\\]/.test(REGISTER) ? `"${REGISTER.replace(/["\\]/g, '\\$&')}"` : REGISTER
  return `${nodeOptions} --require ${quoted}`.trim()
}

function environment(values) {
  const env = { ...process.env, NODE_OPTIONS: withPreload(process.env.NODE_OPTIONS) }
  for (const [flag, text] of Object.entries(values)) {
    const { name, env: variable, ...spec } = FLAGS.get(flag)
    const checked = parse(`--${flag}`, { name, ...spec }, text)
    // That switch wins over whatever is said elsewhere, here as well.
    if (name === 'redact' && readSwitch(process.env, 'LEAKHUNT_REDACT', false, () => {})) continue
    env[`LEAKHUNT_${variable}`] = spec.type === 'path' ? checked : text
  }
  return env
}

/** The directory and the known leaks as the program itself would choose them, so that both go by the same. */
function settingsOf(env, command) {
  const script = command.slice(1).find((word) => !word.startsWith('-') && fs.existsSync(word))
  const manifest = () => readManifest(findManifest(script && path.resolve(script)))
  const { dir, hunt } = resolveOptions({}, { env, manifest })
  return { ...chooseDirectory(dir), known: hunt?.known }
}

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']
// A terminal sends these to the whole group, the program included: passing them on would make two of one.
const FROM_TERMINAL = new Set(['SIGINT', 'SIGQUIT', 'SIGHUP'])

/** Runs the program to its end; resolves to `{code, signal}` as the 'exit' event has them. */
function runToEnd(command, env) {
  const [file, ...args] = command
  const child = spawn(file, args, { stdio: 'inherit', env })
  const onTerminal = process.stdin.isTTY === true
  const handlers = FORWARDED.map((signal) => [signal, () => (onTerminal && FROM_TERMINAL.has(signal)) || child.kill(signal)])
  for (const [signal, handler] of handlers) process.on(signal, handler)
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(withCode(new Error(`cannot start '${file}': ${error.message}`), 'ERR_LEAKHUNT_SPAWN')))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  }).finally(() => {
    for (const [signal, handler] of handlers) process.off(signal, handler)
  })
}

module.exports = {
  usage: 'run [options] -- node app.js [arguments]',
  summary: 'runs a program with the recorder in it, and analyses what it left behind',
  details: `The program's exit code and signals are passed on. Sizes may be written as 200MiB or 1GiB. Each option is the same
as the variable LEAKHUNT_<NAME>.`,
  options,
  async run(values, positionals, command) {
    if (positionals.length > 0 || command === null || command.length === 0) throw incomplete(this.usage, "the program to run stands behind '--'")
    let env
    try {
      env = environment(values)
    } catch (error) {
      throw new UsageError(error.message)
    }
    const off = switchedOff(env)
    let before = new Set()
    let dir
    let known
    if (!off) {
      const chosen = settingsOf(env, command)
      dir = chosen.dir
      known = chosen.known
      if (chosen.error === null) before = new Set(listFiles(dir))
      else say(oneLine(`leakhunt: cannot write to ${dir}: ${chosen.error.message}`))
      env.LEAKHUNT_DIR = dir
    }
    const { code, signal } = await runToEnd(command, env)
    if (!off) await reportRun(dir, before, known)
    if (signal === null) return code
    process.kill(process.pid, signal)
    // Still here: this process ignores the signal (nohup and its like), so the shell's convention has to do.
    return 128 + os.constants.signals[signal]
  },
}
