#!/usr/bin/env node
'use strict'
// `leakhunt <verb>`: argv in, exit code out. Each verb is a file in cli/. 0 = fine, 1 = a leak was found, 2 = it could not be
// done, with one line on stderr that says why.
const { parseArgs } = require('node:util')
const { hint } = require('./nearest.js')
const { UsageError, fail, oneLine } = require('./cli/say.js')
const { help, overview } = require('./cli/help.js')

const VERBS = ['run', 'analyze', 'diff', 'retainers', 'inspect', 'ps', 'snapshot', 'census', 'unpack', 'redact', 'demo', 'capabilities', 'help']

const load = (verb) => require(`./cli/${verb}.js`)

function parse(verb, args) {
  const { options, strict = true } = load(verb)
  try {
    return parseArgs({ args, options: { ...options, help: { type: 'boolean', short: 'h' } }, allowPositionals: true, strict })
  } catch (error) {
    const name = /^Unknown option '(?<name>--?[^']+)'/.exec(error.message)?.groups.name
    if (name === undefined) throw new UsageError(oneLine(error.message))
    throw new UsageError(`unknown option '${name}' of '${verb}': ${hint(name, Object.keys(options).map((each) => `--${each}`))}`)
  }
}

async function main([verb, ...args]) {
  if (verb === '--version' || verb === '-v') {
    process.stdout.write(`${require('../package.json').version}\n`)
    return 0
  }
  if (verb === undefined) throw new UsageError(`a verb is missing: one of ${VERBS.join(', ')}`)
  if (verb === '--help' || verb === '-h' || (verb === 'help' && args.length === 0)) {
    process.stdout.write(overview(VERBS.filter((each) => each !== 'help').map((each) => [each, load(each)])))
    return 0
  }
  const about = verb === 'help' ? args[0] : verb
  if (!VERBS.includes(about)) throw new UsageError(`unknown verb '${about}': ${hint(about, VERBS)}`)
  if (verb === 'help') {
    process.stdout.write(help(about, load(about)))
    return 0
  }
  // What follows `--` belongs to the program that `run` starts.
  const end = args.indexOf('--')
  const own = end === -1 ? args : args.slice(0, end)
  const { values, positionals } = parse(verb, own)
  if (values.help) {
    process.stdout.write(help(verb, load(verb)))
    return 0
  }
  return load(verb).run(values, positionals, end === -1 ? null : args.slice(end + 1))
}

// `leakhunt … | head` closes our stdout early: that is the reader's choice and no error.
process.stdout.on('error', (error) => {
  // Not 1: that would say that a leak was found.
  if (error.code !== 'EPIPE') process.exit(fail(error))
})

main(process.argv.slice(2))
  .catch(fail)
  .then((code) => (process.exitCode = code))
