'use strict'
// Is this value what the table allows? `check` answers for values from code or JSON, `parse` first turns the text of an
// environment variable or of a command line into such a value. Both throw with the value, the option and what was expected.
const path = require('node:path')
const { inspect } = require('node:util')
const { invalidOption } = require('../errors.js')
const { hint } = require('../nearest.js')
const { RULE } = require('./table.js')

const YES = new Set(['1', 'true', 'yes', 'on'])
const NO = new Set(['0', 'false', 'no', 'off'])
const MAX_LABELS = 64
const MAX_LABEL_LENGTH = 1024
const MAX_WORDS = 256

const show = (value) => inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 60 })

const wrongType = (name, expected, value) => invalidOption(TypeError, `option '${name}' must be ${expected}, got ${show(value)}`)
const wrongRange = (name, expected, value) => invalidOption(RangeError, `option '${name}' must be ${expected}, got ${show(value)}`)

const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

function range({ type, min, max, unit }) {
  const upper = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
  return `${type === 'integer' ? 'a whole number' : 'a number'} ${upper} (${unit})`
}

const checks = {
  integer(name, spec, value) {
    if (typeof value !== 'number' || Number.isNaN(value)) throw wrongType(name, range(spec), value)
    if (!Number.isSafeInteger(value) || value < spec.min || value > spec.max) throw wrongRange(name, range(spec), value)
    return value
  },
  number(name, spec, value) {
    if (typeof value !== 'number' || Number.isNaN(value)) throw wrongType(name, range(spec), value)
    if (value < spec.min || value > spec.max) throw wrongRange(name, range(spec), value)
    return value
  },
  boolean(name, _spec, value) {
    if (typeof value !== 'boolean') throw wrongType(name, 'true or false', value)
    return value
  },
  choice(name, { values }, value) {
    const expected = `one of ${values.map((each) => `'${each}'`).join(', ')}`
    if (typeof value !== 'string') throw wrongType(name, expected, value)
    if (!values.includes(value)) throw wrongRange(name, expected, value)
    return value
  },
  path(name, { of }, value) {
    if (typeof value !== 'string' || value === '' || value.includes('\0')) throw wrongType(name, `the path of ${of}`, value)
    return value
  },
  labels(name, _spec, value) {
    if (!isRecord(value)) throw wrongType(name, 'an object of strings', value)
    const entries = Object.entries(value)
    if (entries.length > MAX_LABELS) throw wrongRange(name, `at most ${MAX_LABELS} labels`, entries.length)
    for (const [key, text] of entries) {
      if (typeof text !== 'string') throw wrongType(`${name}.${key}`, 'a string', text)
      if (key.length + text.length > MAX_LABEL_LENGTH) {
        throw wrongRange(`${name}.${key}`, `at most ${MAX_LABEL_LENGTH} characters with its name`, text)
      }
    }
    return { ...value }
  },
  command(name, _spec, value) {
    const isWord = (word) => typeof word === 'string' && !word.includes('\0')
    if (!Array.isArray(value) || value.length === 0 || !value.every(isWord) || value[0] === '') {
      throw wrongType(name, 'an array of strings, a program and its arguments', value)
    }
    if (value.length > MAX_WORDS) throw wrongRange(name, `an array of at most ${MAX_WORDS} strings`, value.length)
    return [...value]
  },
  function(name, _spec, value) {
    if (typeof value !== 'function') throw wrongType(name, 'a function', value)
    return value
  },
  rules(name, _spec, value) {
    if (!Array.isArray(value)) throw wrongType(name, 'an array of rules', value)
    return value.map((rule, i) => checkRule(`${name}[${i}]`, rule))
  },
}

function checkRule(name, rule) {
  if (!isRecord(rule)) throw wrongType(name, 'an object', rule)
  const checked = {}
  for (const [key, value] of Object.entries(rule)) {
    if (!Object.hasOwn(RULE, key)) throw unknown(`${name}.${key}`, key, Object.keys(RULE))
    if (value !== undefined) checked[key] = check(`${name}.${key}`, RULE[key], value)
  }
  if (checked.metric === undefined) throw wrongType(`${name}.metric`, `one of ${RULE.metric.values.join(', ')}`, undefined)
  if ((checked.aboveBytes === undefined) === (checked.abovePercent === undefined)) {
    throw wrongType(name, "an object with either 'aboveBytes' or 'abovePercent'", rule)
  }
  if (checked.abovePercent !== undefined && checked.metric === 'external') {
    throw wrongRange(`${name}.abovePercent`, "absent with the metric 'external', which has no limit to be a part of", checked.abovePercent)
  }
  return checked
}

function unknown(fullName, name, known) {
  const error = invalidOption(TypeError, `unknown option '${fullName}': ${hint(name, known)}`)
  error.code = 'ERR_LEAKHUNT_UNKNOWN_OPTION'
  return error
}

/** The value if it is good, else throws. */
function check(name, spec, value) {
  return checks[spec.type](name, spec, value)
}

const SUFFIX = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

function parseNumber(name, spec, text) {
  const [, digits, suffix] = /^\s*(-?[\d._]*\d)\s*([KMG]iB)?\s*$/.exec(text) ?? []
  const value = digits === undefined ? NaN : Number(digits.replaceAll('_', '')) * (SUFFIX[suffix] ?? 1)
  const example = spec.unit === 'bytes' ? ', such as 300MiB' : ''
  if (Number.isNaN(value) || (suffix !== undefined && spec.unit !== 'bytes')) throw wrongType(name, `${range(spec)}${example}`, text)
  return check(name, spec, value)
}

function parseBoolean(name, text) {
  const word = text.trim().toLowerCase()
  if (YES.has(word)) return true
  if (NO.has(word)) return false
  throw wrongType(name, '1, true, yes, on or 0, false, no, off', text)
}

function parseLabels(name, spec, text) {
  const labels = Object.create(null)
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue
    const at = pair.indexOf('=')
    // Without the value: labels may hold what is nobody's business.
    if (at < 1) throw invalidOption(TypeError, `${name} must be name=value,name=value`)
    labels[pair.slice(0, at).trim()] = pair.slice(at + 1).trim()
  }
  return check(name, spec, labels)
}

function parseCommand(name, spec, text) {
  let words
  try {
    words = JSON.parse(text)
  } catch {
    throw wrongType(name, 'a JSON array of strings', text)
  }
  return check(name, spec, words)
}

/** The same for text: an environment variable or a command line's argument. */
function parse(name, spec, text) {
  switch (spec.type) {
    case 'integer':
    case 'number':
      return parseNumber(name, spec, text)
    case 'boolean':
      return parseBoolean(name, text)
    case 'labels':
      return parseLabels(name, spec, text)
    case 'command':
      return parseCommand(name, spec, text)
    case 'path':
      return path.resolve(check(name, spec, text))
    default:
      return check(name, spec, text)
  }
}

module.exports = { check, parse, parseBoolean, unknown, isRecord, wrongType }
