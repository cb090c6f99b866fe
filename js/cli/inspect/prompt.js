'use strict'
// The prompt: a line is read while the one before is still being answered, and Ctrl-C gives an answer up and not the session.
const readline = require('node:readline/promises')
const { completer } = require('./complete.js')
const { textOf } = require('./lines.js')
const { goesOn } = require('./session.js')
const { look, oneLine, say } = require('../say.js')

const PROMPT = 'inspect> '
/** Rows of a list that a screen has room for beside its headings and the prompt. */
const AROUND = 8
const FEWEST = 10
const MOST = 50

const rowsThatFit = () => Math.min(Math.max((process.stdout.rows ?? 0) - AROUND, FEWEST), MOST)

async function prompt(session) {
  const known = completer(session)
  const terminal = readline.createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: look(process.stdout).color ? `\x1b[36m${PROMPT}\x1b[0m` : PROMPT,
    completer: known.complete,
    historySize: 500,
    removeHistoryDuplicates: true,
  })
  /** The question that is being answered, if any. */
  const running = new Set()
  terminal.on('SIGINT', () => {
    if (running.size > 0) return running.forEach((question) => question.abort())
    if (terminal.line !== '') {
      terminal.write(null, { ctrl: true, name: 'e' })
      terminal.write(null, { ctrl: true, name: 'u' })
      return
    }
    process.stdout.write('\n(quit, or Ctrl-D, leaves)\n')
    terminal.prompt()
  })

  /** False when it is time to leave. */
  async function answer(line) {
    const question = new AbortController()
    running.add(question)
    try {
      const answered = await session.answer(line, { signal: question.signal, defaults: { limit: rowsThatFit() } })
      if (answered === null) return false
      known.remember(answered)
      process.stdout.write(textOf(answered))
      if (goesOn(answered)) say('(more shows the next)')
    } catch (error) {
      say(question.signal.aborted ? 'given up' : oneLine(error.message))
    } finally {
      running.delete(question)
    }
    return true
  }

  await answer('summary')
  say('help lists the commands; Tab completes')
  terminal.prompt()
  for await (const line of terminal) {
    if (line.trim() !== '' && !(await answer(line))) break
    terminal.prompt()
  }
  terminal.close()
  session.close()
  return 0
}

module.exports = { prompt }
