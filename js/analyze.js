'use strict'
// From JavaScript's arguments to the native analysis and back: checks, progress, cancelling.
const { fileURLToPath } = require('node:url')
const { check, unknown, isRecord, wrongType } = require('./options/check.js')
const { knownLeaks } = require('./known.js')
const { native } = require('./native.js')
const { checkDistinct, orderNotes } = require('./order.js')

function toPath(file, index) {
  if (file instanceof URL) return fileURLToPath(file)
  return check(`files[${index}]`, { type: 'path', of: 'a file' }, file)
}

function checkOptions(options, known = ['signal', 'onProgress', 'sourceMaps']) {
  if (!isRecord(options)) throw wrongType('options', 'an object', options)
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw unknown(key, key, known)
  }
  const { signal, onProgress, sourceMaps = true } = options
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongType('signal', 'an AbortSignal', signal)
  if (onProgress !== undefined && typeof onProgress !== 'function') throw wrongType('onProgress', 'a function', onProgress)
  if (typeof sourceMaps !== 'boolean') throw wrongType('sourceMaps', 'true or false', sourceMaps)
  return { signal, onProgress, sourceMaps }
}

/**
 * The native task takes a signal for itself alone (it writes to `onabort`), so the caller's is passed on. The promise is
 * rejected with the caller's reason at once; the work stops at its next step.
 */
async function withSignal(signal, work) {
  if (signal === undefined) return work(undefined)
  signal.throwIfAborted()
  const own = new AbortController()
  let stop
  const aborted = new Promise((_resolve, reject) => {
    stop = () => {
      own.abort(signal.reason)
      reject(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work(own.signal), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function analyze(files, options = {}) {
  if (!Array.isArray(files) || files.length === 0) throw wrongType('files', 'an array of at least one path', files)
  const paths = files.map(toPath)
  const { signal, onProgress, sourceMaps } = checkOptions(options, ['signal', 'onProgress', 'sourceMaps', 'known'])
  checkDistinct(paths)
  const accepted = JSON.stringify(knownLeaks(options.known))
  const verdict = JSON.parse(await withSignal(signal, (own) => native().analyze(paths, accepted, sourceMaps, onProgress, own)))
  verdict.notes.unshift(...orderNotes(paths))
  return verdict
}

/** Where nobody is there to correct the list of known leaks: one that cannot be used costs no verdict, and all leaks count. */
async function analyzeAnyway(files, options) {
  try {
    return await analyze(files, options)
  } catch (error) {
    if (error.code !== 'ERR_LEAKHUNT_KNOWN_LEAKS') throw error
    const verdict = await analyze(files, { ...options, known: undefined })
    verdict.notes.push(`the known leaks could not be read, so that all leaks count: ${error.message}`)
    return verdict
  }
}

module.exports = { analyze, analyzeAnyway, checkOptions, withSignal }
