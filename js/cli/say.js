'use strict'
// How the command line speaks: answers on stdout, words and progress on stderr, an error as one line.

const { oneLine, visible, visibleJson } = require('../visible.js')

const DEFAULT_COLUMNS = 100

/** A mistake in the command line itself. */
class UsageError extends Error {
  code = 'ERR_LEAKHUNT_USAGE'
}

/** Says why it could not be done; the exit code for that. */
function fail(error) {
  const code = error?.code ?? 'ERR_LEAKHUNT_INTERNAL'
  process.stderr.write(`leakhunt: ${oneLine(error?.message ?? error)} (${code})\n`)
  return 2
}

const say = (text) => process.stderr.write(`${text}\n`)

/** What the reader's terminal can show, for a text on `stream`. */
const look = (stream) => ({
  // A terminal that nobody gave a size (`docker run -t`, `script`) has 0 columns.
  columns: stream.columns || DEFAULT_COLUMNS,
  color: stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
})

/** The answer of a verb: its JSON document, or the text that `render(columns, color)` makes of it. */
function answer(json, values, render) {
  const { columns, color } = look(process.stdout)
  const text = values.json ? `${visibleJson(json)}\n` : render(columns, color)
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** Progress of reading files: a line that moves, on a terminal only. */
function progress(stream = process.stderr) {
  let moving = false
  return {
    update({ file, done, total }) {
      if (!stream.isTTY) return
      const percent = total > 0 ? Math.floor((100 * done) / total) : 0
      stream.write(`\r\x1b[Kreading ${visible(file)} ${percent}%`)
      moving = true
    },
    end() {
      if (moving) stream.write('\r\x1b[K')
      moving = false
    },
  }
}

/** A command that is not whole, with the words that it wants. */
const incomplete = (usage, why) => new UsageError(`${why}; usage: leakhunt ${usage}`)

function expectFiles(positionals, least, most, usage) {
  const got = positionals.length
  if (got < least || got > most) throw incomplete(usage, got < least ? `${least} argument${least === 1 ? '' : 's'} expected, got ${got}` : `'${positionals[most]}' is one argument too many`)
  return positionals
}

module.exports = { UsageError, fail, say, look, answer, progress, expectFiles, incomplete, oneLine }
