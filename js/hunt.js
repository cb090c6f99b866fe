'use strict'
// A running recorder as JavaScript sees it: an EventEmitter over the native Monitor. All that happens on the main thread
// is here: events are handed on, and promises of snapshots and censuses are settled.
const { EventEmitter } = require('node:events')
const { channel } = require('node:diagnostics_channel')
const v8 = require('node:v8')
const { withCode, warnOnce } = require('./errors.js')
const { check, unknown, isRecord, wrongType } = require('./options/check.js')
const { FORMATS } = require('./options/table.js')

/** The bits of Monitor.setInterest. Other events are rare and small, and always delivered. */
const SAMPLE = 1
const GC = 2
const CENSUS = 4

const EVENTS = ['sample', 'gc', 'threshold', 'near-limit', 'snapshot', 'census', 'skipped', 'leak', 'stood-down', 'error']
const CHANNELS = Object.fromEntries(EVENTS.map((event) => [event, channel(`leakhunt:${event}`)]))

/** Reasons for no snapshot that the user gave himself. */
const AS_WISHED = new Set(['ERR_LEAKHUNT_CAPTURE_OFF', 'ERR_LEAKHUNT_STOPPED'])

const REQUEST = ['reason', 'redact', 'format', 'besideV8']
const MAX_REASON_LENGTH = 200
const FAR_AWAY_MS = 2 ** 30
const DEFAULT_CLASSES = 2000
const MOST_CLASSES = 1_000_000

function checkRequest(request, { redact: otherwise }) {
  if (!isRecord(request)) throw wrongType('request', 'an object', request)
  for (const key of Object.keys(request)) {
    if (!REQUEST.includes(key)) throw unknown(key, key, REQUEST)
  }
  const { reason = 'requested', redact = otherwise, format, besideV8 = false } = request
  if (typeof reason !== 'string' || reason.length > MAX_REASON_LENGTH) {
    throw wrongType('reason', `a string of at most ${MAX_REASON_LENGTH} characters`, reason)
  }
  return {
    reason,
    redact: check('redact', { type: 'boolean' }, redact),
    // Null for what `capture.format` says.
    format: format === undefined ? null : check('format', { type: 'choice', values: FORMATS }, format),
    besideV8: check('besideV8', { type: 'boolean' }, besideV8),
  }
}

function checkCensus(request) {
  if (!isRecord(request)) throw wrongType('request', 'an object', request)
  for (const key of Object.keys(request)) if (key !== 'maxClasses') throw unknown(key, key, ['maxClasses'])
  const { maxClasses = DEFAULT_CLASSES } = request
  if (!Number.isInteger(maxClasses) || maxClasses < 1 || maxClasses > MOST_CLASSES) {
    throw wrongType('maxClasses', `a whole number from 1 to ${MOST_CLASSES}`, maxClasses)
  }
  return maxClasses
}

class Hunt extends EventEmitter {
  #monitor = null
  #redact
  #redactAlways
  #idle
  #onStop
  #deliverer
  #pending = new Map()
  #lastId = 0
  #interest = 0
  #keepAlive = null
  #warnedOf = new Set()

  /**
   * `connect(wake)` makes the Monitor, or is null for a hunt that does nothing: `idle` then says why.
   * `deliverer` hands finished files to the user's function. `redact` is for snapshots that do not say it themselves; with `redactAlways` they are not asked.
   */
  constructor({ connect = null, idle = null, redact = true, redactAlways = false, deliverer = null, onStop = () => {} }) {
    super()
    this.#idle = idle
    this.#redact = redact
    this.#redactAlways = redactAlways
    this.#onStop = onStop
    this.#deliverer = deliverer
    if (connect === null) return
    this.#monitor = connect(() => this.#drain())
    this.on('newListener', (event) => this.#updateInterest(event))
    this.on('removeListener', () => this.#updateInterest())
    this.#updateInterest()
  }

  /** Whether the recorder runs. */
  get active() {
    return this.#monitor !== null
  }

  snapshot(request = {}) {
    return new Promise((resolve, reject) => {
      const { reason, redact, format, besideV8 } = checkRequest(request, { redact: this.#redact })
      this.#ask({ resolve, reject }, (monitor, id) => monitor.snapshot(id, reason, redact || this.#redactAlways, format, besideV8))
    })
  }

  census(request = {}) {
    return new Promise((resolve, reject) => {
      const maxClasses = checkCensus(request)
      this.#ask({ resolve, reject }, (monitor, id) => monitor.census(id, maxClasses))
    })
  }

  #ask(promise, tell) {
    if (this.#monitor === null) throw withCode(new Error(this.#idle.message), this.#idle.code)
    const id = ++this.#lastId
    // Somebody awaits this: the process lives until there is an answer, as with any other promise of Node's.
    this.#keepAlive ??= setInterval(() => {}, FAR_AWAY_MS)
    this.#pending.set(id, promise)
    try {
      tell(this.#monitor, id)
    } catch (error) {
      this.#settle(id, 'reject', error)
    }
  }

  stop() {
    // What has happened by now is still told, and settles who awaits it.
    this.#drain()
    const monitor = this.#monitor
    if (monitor === null) return
    this.#monitor = null
    this.#idle = { code: 'ERR_LEAKHUNT_STOPPED', message: 'the recorder was stopped' }
    try {
      monitor.stop()
    } finally {
      this.#deliverer?.abort(withCode(new Error(this.#idle.message), this.#idle.code))
      for (const id of this.#pending.keys()) {
        this.#settle(id, 'reject', withCode(new Error(this.#idle.message), this.#idle.code))
      }
      this.#onStop()
    }
  }

  /** An error that nobody asked for: to its listeners, else a warning. Never thrown. */
  report(code, message) {
    this.#dispatch({ type: 'error', code, message })
  }

  #settle(id, how, value) {
    const request = this.#pending.get(id)
    if (request === undefined) return
    this.#pending.delete(id)
    if (this.#pending.size === 0) {
      clearInterval(this.#keepAlive)
      this.#keepAlive = null
    }
    request[how](value)
  }

  // GCs are many, so native code sends them only while somebody wants them. Samples are few, and each is the moment to
  // look whether a channel has got a subscriber, of which Node tells nobody.
  #updateInterest(arriving = null) {
    const wants = (event) => arriving === event || this.listenerCount(event) > 0 || CHANNELS[event].hasSubscribers
    const interest = SAMPLE | (wants('gc') ? GC : 0) | (wants('census') ? CENSUS : 0)
    if (interest === this.#interest) return
    this.#interest = interest
    this.#monitor?.setInterest(interest)
  }

  // Called by the background thread's bell: native work that needs this thread is done here, then come the events.
  #drain() {
    for (const event of this.#monitor?.drain() ?? []) {
      if (this.#monitor === null) return
      try {
        this.#dispatch(event)
      } catch (error) {
        // A listener's mistake is its own: it is uncaught as anywhere else, and the other events still arrive.
        process.nextTick(() => {
          throw error
        })
      }
    }
  }

  #dispatch(event) {
    const { type, ...details } = event
    switch (type) {
      case 'inline':
        this.#writeInline(details)
        return
      case 'deliver':
        this.#deliver(details)
        return
      case 'sample':
        this.#updateInterest()
        break
      case 'snapshot':
      case 'census':
        if (details.id !== null) this.#settle(details.id, 'resolve', details)
        break
      case 'skipped':
        if (details.id !== null) this.#settle(details.id, 'reject', Object.assign(withCode(new Error(details.message), details.code), { figures: details.figures }))
        else this.#warnOfSkipped(details)
        break
      case 'leak':
        // Found for somebody who has put nothing but a preload in the app: the log is where they will look.
        if (this.listenerCount('leak') === 0 && !CHANNELS.leak.hasSubscribers) {
          warnOnce(`a leak was found: ${details.summary}; the verdict is in ${details.path}`, 'LEAKHUNT_LEAK')
        }
        break
      case 'error':
        this.#emitError(details)
        return
    }
    CHANNELS[type]?.publish(details)
    this.emit(type, details)
  }

  #emitError({ code, message, figures = null }) {
    const error = Object.assign(withCode(new Error(message), code), { figures })
    CHANNELS.error.publish(error)
    if (this.listenerCount('error') > 0) {
      this.emit('error', error)
    } else {
      this.#warnedOf.add(code)
      warnOnce(message, code)
    }
  }

  // With the preload nobody listens, and whoever wonders in the morning why the directory is empty has only stderr. Once for each code: a threshold that
  // stays crossed is refused again and again, with other figures each time.
  #warnOfSkipped({ code, reason, message }) {
    const isHeard = this.listenerCount('skipped') > 0 || CHANNELS.skipped.hasSubscribers
    if (isHeard || AS_WISHED.has(code) || this.#warnedOf.has(code)) return
    this.#warnedOf.add(code)
    const what = { analysis: 'verdict', census: 'census' }[reason] ?? 'snapshot'
    warnOnce(`no ${what} (${reason}): ${message}`, code)
  }

  async #deliver(details) {
    const problem = await this.#deliverer.run(details)
    this.#monitor?.deliverDone(problem)
  }

  // The in-process way stops the app, so it only happens where `capture.mode: 'inline'` allowed it.
  #writeInline({ path }) {
    const begin = performance.now()
    let problem = null
    try {
      v8.writeHeapSnapshot(path)
    } catch (error) {
      problem = String(error?.message ?? error)
    }
    this.#monitor?.inlineDone(performance.now() - begin, problem)
  }
}

// Node before 20.4 has no Symbol.dispose; a method under the name that its polyfills use costs nothing.
Object.defineProperty(Hunt.prototype, Symbol.dispose ?? Symbol.for('Symbol.dispose'), {
  value: Hunt.prototype.stop,
  configurable: true,
  writable: true,
})

module.exports = { Hunt }
