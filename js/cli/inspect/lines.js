'use strict'
// Answers without a terminal: to commands that were given, or to each line of a stream.
const { native } = require('../../native.js')
const { oneLine, visible, visibleJson } = require('../../visible.js')
const { UsageError, fail, look } = require('../say.js')

/** More than any question is long: a line beyond it is refused and not kept. */
const LONGEST_LINE = 1 << 20

/** The lines of a stream; null for one that is too long. */
async function* linesOf(stream) {
  let line = ''
  const end = () => {
    const whole = line
    line = ''
    return whole
  }
  for await (const chunk of stream.setEncoding('utf8')) {
    const parts = chunk.split('\n')
    for (const [i, part] of parts.entries()) {
      if (i > 0) yield end()
      line = line === null || line.length + part.length > LONGEST_LINE ? null : line + part
    }
  }
  if (line !== '') yield end()
}

/** An answer as people read it. */
function textOf(answer, stream = process.stdout) {
  if (answer.question === 'help') return `${answer.text}\n`
  const { columns, color } = look(stream)
  return native().answerText(JSON.stringify(answer), columns, color)
}

const errorOf = ({ code = 'ERR_LEAKHUNT_INTERNAL', message }) => ({ error: { code, message: oneLine(message) } })

function parseQuestion(line) {
  let request
  try {
    request = JSON.parse(line)
  } catch (error) {
    throw new UsageError(`not JSON: ${error.message}`)
  }
  return request
}

/** Answers one line as one document; null for a line that wants to end. */
async function documentFor(session, line) {
  let tag
  try {
    if (line === null) throw new UsageError(`a question is longer than ${LONGEST_LINE} characters`)
    if (!line.trimStart().startsWith('{')) return await session.answer(line)
    const { tag: own, ...question } = parseQuestion(line)
    tag = own
    return { tag, ...(await session.ask(question)) }
  } catch (error) {
    return { tag, ...errorOf(error) }
  }
}

/** Answers each line of `input`, whatever becomes of the one before; the exit code. */
async function answerLines(session, input, { json }) {
  let code = 0
  for await (const line of linesOf(input)) {
    if (line?.trim() === '') continue
    const answer = await documentFor(session, line)
    if (answer === null) break
    if (json) process.stdout.write(`${visibleJson(JSON.stringify(answer))}\n`)
    else if (answer.error) code = fail(answer.error)
    else process.stdout.write(textOf(answer))
  }
  session.close()
  return code
}

/** Answers the commands that were given; exit code 2 if there was one without an answer. */
async function answerOnce(session, commands, { json }) {
  let code = 0
  for (const [i, line] of commands.entries()) {
    const answer = line.trim() === '' ? errorOf(new UsageError('a command is empty')) : await documentFor(session, line)
    if (answer === null) break
    if (answer.error) code = 2
    if (json) {
      process.stdout.write(`${visibleJson(JSON.stringify(answer))}\n`)
      continue
    }
    if (commands.length > 1) process.stdout.write(`${i > 0 ? '\n' : ''}> ${visible(line)}\n`)
    if (answer.error) fail(answer.error)
    else process.stdout.write(textOf(answer))
  }
  session.close()
  return code
}

module.exports = { answerLines, answerOnce, textOf }
