'use strict'
// The user's function that takes finished files away, as `deliver` gives it: called for one file at a time, with a signal and a bound on its time.
// The background thread decides what is delivered and when it is tried again.
const { withCode } = require('./errors.js')

const TIMEOUT = 'ERR_LEAKHUNT_DELIVERY_TIMEOUT'

class Deliverer {
  #handler
  #timeoutMs
  #controller = null

  constructor({ handler, timeoutMs }) {
    this.#handler = handler
    this.#timeoutMs = timeoutMs
  }

  /** Resolves to null when the file has been taken, else to what went wrong. Never rejects, and keeps no process alive. */
  async run({ path, sidecar, attempt }) {
    const controller = new AbortController()
    this.#controller = controller
    const { signal } = controller
    const late = withCode(new Error(`the function had not settled after ${this.#timeoutMs} ms`), TIMEOUT)
    const timer = setTimeout(() => controller.abort(late), this.#timeoutMs)
    timer.unref()
    try {
      const aborted = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
      // An async function of our own around it, so that what it throws at once is a rejection too.
      await Promise.race([(async () => this.#handler({ path, sidecar, attempt, signal }))(), aborted])
      return null
    } catch (error) {
      return String(error?.message ?? error)
    } finally {
      clearTimeout(timer)
      this.#controller = null
    }
  }

  /** The recorder was stopped. */
  abort(reason) {
    this.#controller?.abort(reason)
  }
}

module.exports = { Deliverer }
