'use strict'
// What the demo prints, with the time since it began, so that a reader sees that it works.

const SHARE = 4

class Teller {
  #begin = performance.now()
  #stream = process.stdout
  #moving = false

  #clock() {
    return `${((performance.now() - this.#begin) / 1000).toFixed(1).padStart(6)} s`
  }

  #settle() {
    if (this.#moving) this.#stream.write('\r\x1b[K')
    this.#moving = false
  }

  title(text) {
    this.#settle()
    this.#stream.write(`\n${text}\n\n`)
  }

  line(text) {
    this.#settle()
    this.#stream.write(`${this.#clock()}  ${text}\n`)
  }

  block(text) {
    this.#settle()
    this.#stream.write(`\n${text.replace(/^\n+/, '').trimEnd()}\n\n`)
  }

  note(text) {
    this.#settle()
    this.#stream.write(`  ${text}\n`)
  }

  checks(list) {
    this.#settle()
    for (const { what, right } of list) this.#stream.write(`  ${right ? 'right:' : 'WRONG:'} ${what}\n`)
  }

  /** A counter: it moves on a terminal, and is a line for each quarter elsewhere. */
  progress(what, total) {
    const step = Math.ceil(total / (this.#stream.isTTY ? 100 : SHARE))
    this.line(`${what}: ${total} requests`)
    return (done) => {
      if (done % step !== 0 && done !== total) return
      if (!this.#stream.isTTY) {
        this.line(`${what}: ${done} of ${total}`)
        return
      }
      this.#stream.write(`\r\x1b[K${this.#clock()}  ${what}: ${Math.floor((100 * done) / total)}%`)
      this.#moving = true
    }
  }
}

module.exports = { Teller }
