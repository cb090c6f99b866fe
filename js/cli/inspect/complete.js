'use strict'
// What Tab offers: commands, their options, names of classes and shapes, and the objects of the last answer.
const { COMMANDS, NAMES } = require('./commands.js')
const { visible } = require('../../visible.js')

const MOST_NAMES = 10_000
const LONGEST_NAME = 200

/** A name that could act upon the terminal is not offered: it cannot be typed either. */
const isFit = (name) => name.length <= LONGEST_NAME && visible(name) === name

function idsIn(answer, found = new Set()) {
  for (const [key, value] of Object.entries(answer)) {
    if (key === 'id' && typeof value === 'number') found.add(`@${value}`)
    else if (typeof value === 'object' && value !== null) idsIn(value, found)
  }
  return found
}

function completer(session) {
  let ids = []
  const lists = new Map()

  /** Names of classes or shapes, asked for once. */
  async function names(question, field) {
    if (!lists.has(question)) {
      const { rows } = await session.peek({ question, limit: MOST_NAMES })
      lists.set(question, rows.map((row) => row[field]).filter(isFit))
    }
    return lists.get(question)
  }

  async function candidates(command, text) {
    const { takes } = COMMANDS[command]
    if (takes === 'command') return NAMES
    if (takes === 'object' || text.startsWith('@')) return ids
    if (takes !== 'class') return []
    return text.startsWith('{') ? names('shapes', 'shape') : names('classes', 'class')
  }

  /** As readline wants it: what may come, and the part of the line that it replaces. */
  async function complete(line) {
    const [, command, text] = /^\s*(\S*)(?:\s+(.*))?$/s.exec(line)
    if (text === undefined) return [NAMES.filter((name) => name.startsWith(command)).map((name) => `${name} `), command]
    if (!Object.hasOwn(COMMANDS, command)) return [[], text]
    const word = /\S*$/.exec(text)[0]
    if (word.startsWith('--')) {
      const options = Object.keys(COMMANDS[command].options ?? {}).map((name) => `--${name} `)
      return [options.filter((option) => option.startsWith(word)), word]
    }
    try {
      return [(await candidates(command, text)).filter((name) => name.startsWith(text)), text]
    } catch {
      return [[], text]
    }
  }

  return { complete, remember: (answer) => (ids = [...idsIn(answer)]) }
}

module.exports = { completer }
