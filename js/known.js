'use strict'
// The list of leaks that people know of and accept for now: a file, or the entries themselves. A verdict document serves as a list of its own suspects.
const fs = require('node:fs')
const { fileURLToPath } = require('node:url')
const { withCode } = require('./errors.js')
const { hint } = require('./nearest.js')
const { isRecord, wrongType } = require('./options/check.js')

const FIELDS = ['fingerprint', 'reason', 'until']
// Read on the main thread, and far more than ten thousand entries with their reasons would be of use for.
const MOST_BYTES = 1024 * 1024
const MOST_ENTRIES = 10_000
const MOST_CHARACTERS = 1000

const bad = (place, what) => withCode(new Error(`${place}: ${what}`), 'ERR_LEAKHUNT_KNOWN_LEAKS')
/** So much of what was found in the place of something else is told. */
const MOST_SHOWN = 60

function show(value) {
  try {
    return JSON.stringify(value)?.slice(0, MOST_SHOWN) ?? String(value)
  } catch {
    // A hundred thousand brackets, or an object that holds itself.
    return Array.isArray(value) ? 'an array that JSON cannot write' : `a value that JSON cannot write (${typeof value})`
  }
}

const isFingerprint = (value) => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value)
const isText = (value) => typeof value === 'string' && value.length <= MOST_CHARACTERS

function isDay(value) {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const day = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value)
}

/** The local date, as people mean it when they write one down. */
function today(now = new Date()) {
  const two = (number) => String(number).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}

function checkEntry(entry, place) {
  if (!isRecord(entry)) throw bad(place, `expected an object with a 'fingerprint', got ${show(entry)}`)
  for (const key of Object.keys(entry)) {
    const name = key.slice(0, MOST_SHOWN)
    if (!FIELDS.includes(key)) throw bad(place, `unknown field '${name}': ${hint(name, FIELDS)}`)
  }
  const { fingerprint, reason = null, until = null } = entry
  if (!isFingerprint(fingerprint)) throw bad(place, `'fingerprint' must be 16 hexadecimal digits as a verdict has them, got ${show(fingerprint)}`)
  if (reason !== null && !isText(reason)) throw bad(place, `'reason' must be a string of at most ${MOST_CHARACTERS} characters, got ${show(reason)}`)
  if (until !== null && !isDay(until)) throw bad(place, `'until' must be a day as 2027-01-31, got ${show(until)}`)
  return { fingerprint, reason, until, lapsed: until !== null && until < today() }
}

/** A verdict has more fields than an entry, and those of its suspects that were accepted already keep their words. */
function entriesOfVerdict({ suspects, known = [] }, place) {
  if (!Array.isArray(suspects) || !Array.isArray(known)) throw bad(place, "expected a JSON array of entries, or a verdict with its 'suspects'")
  return [...known, ...suspects].map((suspect) => {
    const { fingerprint, reason = null, until = null } = isRecord(suspect) ? suspect : {}
    return { fingerprint, reason, until }
  })
}

function checkList(list, place) {
  const entries = isRecord(list) ? entriesOfVerdict(list, place) : list
  if (!Array.isArray(entries)) throw bad(place, `expected a JSON array of entries, got ${show(list)}`)
  if (entries.length > MOST_ENTRIES) throw bad(place, `expected at most ${MOST_ENTRIES} entries, got ${entries.length}`)
  return entries.map((entry, index) => checkEntry(entry, `${place}: entry ${index + 1}`))
}

/** Not readFile alone: a pipe has no end, and a device has no size. */
function readBounded(file) {
  // Where the path leads to a pipe that nobody writes to, plain opening would wait for ever.
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
  try {
    const stat = fs.fstatSync(descriptor)
    if (!stat.isFile()) throw bad(file, 'expected a file')
    if (stat.size > MOST_BYTES) throw bad(file, `expected at most ${MOST_BYTES} bytes, got ${stat.size}`)
    return fs.readFileSync(descriptor, 'utf8')
  } finally {
    fs.closeSync(descriptor)
  }
}

function readFile(file) {
  let list
  try {
    list = JSON.parse(readBounded(file))
  } catch (error) {
    if (error.code === 'ERR_LEAKHUNT_KNOWN_LEAKS') throw error
    throw bad(file, error instanceof SyntaxError ? `no JSON: ${error.message}` : error.message)
  }
  return checkList(list, file)
}

/** Checked entries, each with `lapsed`. `known` is a path, a file: URL, or the entries. */
function knownLeaks(known) {
  if (known === undefined || known === null) return []
  if (known instanceof URL) return readFile(fileURLToPath(known))
  if (typeof known === 'string' && known !== '' && !known.includes('\0')) return readFile(known)
  if (Array.isArray(known) || isRecord(known)) return checkList(known, "option 'known'")
  throw wrongType('known', 'the path of a file, an array of entries, or a verdict', known)
}

module.exports = { knownLeaks }
