'use strict'
// leakhunt's API. Requiring it does nothing; `start()` begins to record.
const { availableParallelism } = require('node:os')
const { isMainThread, threadId } = require('node:worker_threads')
const { version: VERSION } = require('../package.json')
const { analyze } = require('./analyze.js')
const { analystCommand, wellFormed } = require('./analyst-command.js')
const { Deliverer } = require('./deliver.js')
const { warnOnce } = require('./errors.js')
const { startFallback } = require('./fallback.js')
const { heapStats } = require('./heap-stats.js')
const { Hunt } = require('./hunt.js')
const { inspect } = require('./inspect.js')
const { knownLeaks } = require('./known.js')
const { plantLandmarks } = require('./landmarks.js')
const { native, nativeCapabilities } = require('./native.js')
const { resolveOptions, switchedOff } = require('./options/index.js')
const { check, isRecord, unknown, wrongType } = require('./options/check.js')
const { chooseDirectory, nodeOption } = require('./options/directory.js')
const { proveFork } = require('./prove.js')

/** Node's own default, and how it reads a size below one. */
const DEFAULT_V8_POOL_SIZE = 4
const largestV8PoolSize = () => Math.max(1, availableParallelism() - 1)
const MOST_THREADS = 1024

const DISABLED = { code: 'ERR_LEAKHUNT_DISABLED', message: 'leakhunt is switched off (LEAKHUNT=0)' }

let running = null

function v8PoolSize() {
  const size = Number.parseInt(nodeOption('--v8-pool-size') ?? '', 10)
  if (Number.isNaN(size)) return DEFAULT_V8_POOL_SIZE
  return size < 1 ? largestV8PoolSize() : Math.min(size, MOST_THREADS)
}

/** The command inherits the environment of this moment: native code must not look at one that JavaScript may be changing. */
function nativeDelivery(deliver) {
  if (deliver === null) return null
  const { command, attempts, timeoutMs } = deliver
  if (command === null) return { command, attempts, timeoutMs }
  return { command: command.map((word) => word.toWellFormed()), environment: wellFormed(process.env), attempts, timeoutMs }
}

function nativeHunt(hunt) {
  if (hunt === null) return null
  const { patienceMs, restMs, deadlineMs, maxMemoryBytes = null, known = null } = hunt
  return { patienceMs, restMs, analyst: { ...analystCommand(known), deadlineMs, maxMemoryBytes } }
}

function nativeOptions(options, { dir, error }) {
  const { intervalMs, rules, growth, hunt, census, limits, capture, retention, deliver, control, labels, redact, noSnapshots } = options
  return JSON.stringify({
    dir: dir.toWellFormed(),
    intervalMs,
    isMainThread,
    threadId,
    v8PoolSize: v8PoolSize(),
    rules,
    growth,
    hunt: nativeHunt(hunt),
    census,
    limits,
    capture,
    redact,
    retention,
    deliver: nativeDelivery(deliver),
    labels: wellFormed(labels),
    // That nothing can be written there is told once.
    control: control && error === null,
    program: process.argv[1]?.toWellFormed() ?? null,
    capturesOff: noSnapshots ? 'LEAKHUNT_NO_SNAPSHOTS is set' : null,
    versions: { leakhunt: VERSION, node: process.versions.node, v8: process.versions.v8 },
  })
}

function startWith(options, binding, available) {
  plantLandmarks()
  const chosen = chooseDirectory(options.dir)
  const { dir, error } = chosen
  const config = nativeOptions(options, chosen)
  let monitor
  let stopFallback = () => {}
  const hunt = new Hunt({
    connect: (wake) => (monitor = new binding.Monitor(config, wake)),
    redact: options.redact,
    redactAlways: options.redactAlways,
    deliverer: options.deliver?.handler ? new Deliverer(options.deliver) : null,
    onStop() {
      stopFallback()
      if (running === hunt) running = null
    },
  })
  try {
    stopFallback = startFallback(monitor, available, options.intervalMs)
  } catch (problem) {
    hunt.stop()
    throw problem
  }
  // On the next tick, so that the caller can listen first.
  const report = (code, message) => process.nextTick(() => hunt.report(code, message))
  if (error !== null) report('ERR_LEAKHUNT_DIR_UNWRITABLE', `cannot write to ${dir}: ${error.message}; recording goes on, snapshots will fail`)
  const problem = problemOfKnown(options.hunt)
  if (problem !== null) report(problem.code, `${problem.message}; unless that is mended, all leaks count`)
  return hunt
}

/** The list is read again for each verdict, but a mistake in it should not wait until then. */
function problemOfKnown(hunt) {
  try {
    knownLeaks(hunt?.known)
    return null
  } catch (error) {
    return error
  }
}

function start(settings) {
  if (switchedOff()) return new Hunt({ idle: DISABLED })
  const options = resolveOptions(settings)
  if (running !== null) {
    if (settings !== undefined && Object.keys(settings).length > 0) {
      warnOnce('start() was called again: the recorder runs already, and the new options are not used', 'ERR_LEAKHUNT_ALREADY_STARTED')
    }
    return running
  }
  for (const complaint of options.complaints) warnOnce(complaint, 'ERR_LEAKHUNT_INVALID_OPTION')
  try {
    running = startWith(options, native(), nativeCapabilities())
    return running
  } catch (error) {
    // A service must not fail to start because its recorder cannot.
    const { message, code = 'ERR_LEAKHUNT_START' } = error
    warnOnce(message, code)
    return new Hunt({ idle: { code, message } })
  }
}

async function provenCapabilities() {
  const before = nativeCapabilities()
  // What cannot work need not be tried.
  if (!before.fork.available) return before
  const { reason, pauseMs = null, durationMs = null } = await proveFork()
  const { fork, ...rest } = nativeCapabilities()
  const outcome = reason === null ? { proven: true } : { available: false, way: 'off', reason, proven: false }
  return { ...rest, fork: { ...fork, ...outcome, pauseMs, durationMs } }
}

function capabilities(options = {}) {
  if (!isRecord(options)) throw wrongType('options', 'an object', options)
  for (const key of Object.keys(options)) if (key !== 'prove') throw unknown(key, key, ['prove'])
  const { prove = false } = options
  return check('prove', { type: 'boolean' }, prove) ? provenCapabilities() : nativeCapabilities()
}

module.exports = { start, heapStats, capabilities, analyze, inspect, VERSION, Hunt }
