'use strict'
// One open snapshot and the person or program that asks: remembers the last list, so that `more` goes on with it.
const { commandsTable, parse } = require('./commands.js')
const { UsageError } = require('../say.js')

/** The lists of an answer that are given in pages. */
const pagesOf = ({ rows, total, offset, fields, contexts, natives }) => [{ rows, total, offset }, fields, contexts, natives].filter((page) => Array.isArray(page?.rows))

const goesOn = (answer) => pagesOf(answer).some(({ rows, total, offset }) => rows.length > 0 && offset + rows.length < total)

class Session {
  #inspection
  #last = null

  constructor(inspection) {
    this.#inspection = inspection
  }

  /** Answers a question as a program asks it. */
  async ask(question, signal) {
    const answer = await this.#inspection.ask(question, { signal })
    if (pagesOf(answer).length > 0) this.#last = { question, answer }
    return answer
  }

  /** The same without being what `more` goes on with. */
  peek(question) {
    return this.#inspection.ask(question)
  }

  /** Answers a line; null for one that wants to end. */
  async answer(line, { signal, defaults } = {}) {
    const { command, text, question } = parse(line, defaults)
    if (command === 'quit') return null
    if (command === 'help') return { question: 'help', text: commandsTable(text) }
    return this.ask(command === 'more' ? this.#next() : question, signal)
  }

  #next() {
    if (this.#last === null || !goesOn(this.#last.answer)) throw new UsageError('there is nothing more: the last list was shown to its end')
    const { question, answer } = this.#last
    return { ...question, offset: Math.max(...pagesOf(answer).map(({ rows, offset }) => offset + rows.length)) }
  }

  close() {
    this.#inspection.close()
  }
}

module.exports = { Session, goesOn }
