'use strict'
// The commands of `leakhunt inspect`: what people type, turned into questions.
const { parseArgs } = require('node:util')
const { nearest } = require('../../nearest.js')
const { UsageError, oneLine } = require('../say.js')

const SORTED = { sort: { type: 'string' } }
const PAGED = { limit: { type: 'string' }, offset: { type: 'string' } }

/** `ask(text, options)` makes the question of what follows the command; `takes` says what the text is, for completion. */
const COMMANDS = {
  summary: { usage: 'summary', help: 'the snapshot as a whole', ask: () => ({}) },
  classes: {
    usage: 'classes [FILTER] [--sort retained|shallow|count|name]',
    help: 'how many objects of each class, and what they retain',
    takes: 'class',
    options: { ...SORTED, ...PAGED },
    ask: (filter, { sort }) => ({ filter, sort }),
  },
  shapes: {
    usage: 'shapes [FILTER] [--sort retained|shallow|count|name]',
    help: 'plain objects by the names of their first properties',
    options: { ...SORTED, ...PAGED },
    ask: (filter, { sort }) => ({ filter, sort }),
  },
  strings: {
    usage: 'strings [FILTER] [--duplicates]',
    help: 'the largest strings, or those that are there more than once',
    options: { duplicates: { type: 'boolean' }, ...PAGED },
    ask: (filter, { duplicates = false }) => ({ filter, duplicates }),
  },
  detached: { usage: 'detached', help: 'contexts and native objects that belong nowhere any more', options: PAGED, ask: () => ({}) },
  instances: {
    usage: 'instances CLASS|{SHAPE} [--name TEXT]',
    help: 'the objects of a class, those that retain most first; TEXT is a part of a name or a string',
    takes: 'class',
    needs: true,
    options: { name: { type: 'string' }, ...PAGED },
    ask: (name, { name: filter }) => ({ class: name, filter }),
  },
  show: {
    usage: 'show @ID',
    help: 'an object: what keeps it, what it holds, the variables that a function sees',
    takes: 'object',
    needs: true,
    options: PAGED,
    ask: (object) => ({ object }),
  },
  holders: {
    usage: 'holders @ID',
    help: 'every reference to an object, also weak ones',
    takes: 'object',
    needs: true,
    options: PAGED,
    ask: (object) => ({ object }),
  },
  retainers: {
    usage: 'retainers CLASS|@ID',
    help: 'who holds the objects of a class, or one object, in groups, up to the GC root',
    takes: 'class',
    needs: true,
    ask: (of) => ({ of }),
  },
  children: {
    usage: 'children [@ID] [--classes]',
    help: 'what would go if the object did (its children in the dominator tree); without an id: the top',
    takes: 'object',
    options: { classes: { type: 'boolean' }, ...PAGED },
    ask: (object, { classes = false }) => ({ object: object || undefined, byClass: classes }),
  },
  path: {
    usage: 'path @ID [--ways N] [--full]',
    help: 'why it is alive: the way to a GC root, or N ways by different holders; --full has all of V8’s links',
    takes: 'object',
    needs: true,
    options: { ways: { type: 'string' }, full: { type: 'boolean' } },
    ask: (object, { ways, full = false }) => ({ object, ways: number('--ways', ways), full }),
  },
  more: { usage: 'more', help: 'the next rows of the last list' },
  help: { usage: 'help [COMMAND]', help: 'this list, or one line of it', takes: 'command' },
  quit: { usage: 'quit', help: 'ends (also Ctrl-D)' },
}

const NAMES = Object.keys(COMMANDS)

function number(name, text) {
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`'${name}' must be a whole number, got '${text}'`)
  return Number(text)
}

function unknown(name) {
  const near = nearest(name, NAMES)
  return new UsageError(`unknown command '${name}': ${near === null ? 'help lists them' : `did you mean '${near}'?`}`)
}

/** Words as a shell takes them, as far as quotes go. */
const words = (line) => [...line.matchAll(/"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<plain>\S+)/g)].map(({ groups }) => groups.double ?? groups.single ?? groups.plain)

/** What a line asks: `{command, text, question}`; the question is null for what needs no answer of the snapshot's. */
function parse(line, defaults = {}) {
  const [command, ...rest] = words(line)
  if (!Object.hasOwn(COMMANDS, command)) throw unknown(command)
  const { usage, options = {}, needs = false, ask } = COMMANDS[command]
  let parsed
  try {
    parsed = parseArgs({ args: rest, options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(`usage: ${usage} (${oneLine(error.message).replace(/\. .*/, '')})`)
  }
  const { values, positionals } = parsed
  const text = positionals.join(' ')
  if (ask === undefined) return { command, text, question: null }
  if (needs && text === '') throw new UsageError(`usage: ${usage}`)
  const page = options === PAGED || 'limit' in options ? { ...defaults, limit: number('--limit', values.limit) ?? defaults.limit, offset: number('--offset', values.offset) } : {}
  return { command, text, question: { question: command, ...ask(text, values), ...page } }
}

/** The list of commands, or one of them, as lines. */
function commandsTable(name) {
  if (name && !Object.hasOwn(COMMANDS, name)) throw unknown(name)
  const rows = Object.values(name ? { [name]: COMMANDS[name] } : COMMANDS)
  const listed = rows.map(({ usage, help }) => `  ${usage}\n      ${help}`).join('\n')
  return name ? listed : `${listed}\n\nLists take --limit N and --offset N.`
}

module.exports = { COMMANDS, NAMES, parse, commandsTable }
