'use strict'
// From what people write to what the recorder takes: code > LEAKHUNT_* > package.json > default, each option for itself.
// A mistake in code throws. A mistake in the environment or in package.json must not stop a service from starting: it is
// one warning, and the option counts as not given.
const path = require('node:path')
const { OPTIONS, SWITCHES, GROUPS } = require('./table.js')
const { check, parse, parseBoolean, unknown, isRecord, wrongType } = require('./check.js')
const { hint } = require('../nearest.js')
const { readManifest } = require('./manifest.js')
const { firstValue } = require('./first-env.js')

const TOP_LEVEL = [...new Set(Object.keys(OPTIONS).map((name) => name.split('.')[0]))]
const PREFIX = 'LEAKHUNT_'
const ENV_NAMES = new Map(Object.entries(OPTIONS).flatMap(([name, { env }]) => (env ? [[PREFIX + env, name]] : [])))
const KNOWN_ENV = ['LEAKHUNT', ...ENV_NAMES.keys(), ...SWITCHES.map((name) => PREFIX + name)]

const DEFAULT_PERCENT = 85

/** `{a: {b: 1}}` as `[['a.b', 1]]`, refusing names that the table does not have. */
function* flatten(settings) {
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined) continue
    if (key === 'deliver' && typeof value === 'function') {
      yield ['deliver.handler', value]
    } else if (key === 'hunt' && typeof value === 'boolean') {
      yield ['hunt.enabled', value]
    } else if (GROUPS.includes(key)) {
      if (!isRecord(value)) throw wrongType(key, key === 'hunt' ? 'true, false or an object' : 'an object', value)
      const known = Object.keys(OPTIONS).flatMap((name) => (name.startsWith(`${key}.`) ? [name.slice(key.length + 1)] : []))
      for (const [inner, innerValue] of Object.entries(value)) {
        if (!known.includes(inner)) throw unknown(`${key}.${inner}`, inner, known)
        if (innerValue !== undefined) yield [`${key}.${inner}`, innerValue]
      }
    } else if (Object.hasOwn(OPTIONS, key)) {
      yield [key, value]
    } else {
      throw unknown(key, key, TOP_LEVEL)
    }
  }
}

function resolvePaths(values, folder) {
  for (const [name, value] of values) if (OPTIONS[name].type === 'path') values.set(name, path.resolve(folder, value))
}

function fromCode(settings) {
  if (!isRecord(settings)) throw wrongType('options', 'an object', settings)
  const values = new Map()
  for (const [name, value] of flatten(settings)) values.set(name, check(name, OPTIONS[name], value))
  if (values.has('deliver.command') && values.has('deliver.handler')) {
    throw wrongType('deliver', "an object with either 'command' or 'handler'", settings.deliver)
  }
  resolvePaths(values, process.cwd())
  return values
}

function fromManifest(read, complain) {
  const values = new Map()
  let manifest
  try {
    manifest = read()
  } catch (error) {
    complain(`package.json could not be read: ${error.message}`)
    return values
  }
  const { file, settings, fromProgram } = manifest
  if (settings === undefined) return values
  const place = `${file} ("leakhunt")`
  if (!isRecord(settings)) {
    complain(`${place}: must be an object; ignored`)
    return values
  }
  // Entry by entry, so that one mistake costs one option.
  for (const [key, value] of Object.entries(settings)) {
    if (key === 'deliver' && !fromProgram) {
      complain(`${place}: option 'deliver' starts a program, and the one that runs is not from that folder; ignored`)
      continue
    }
    const parts = GROUPS.includes(key) && isRecord(value) ? Object.entries(value).map(([k, v]) => ({ [key]: { [k]: v } })) : [{ [key]: value }]
    for (const part of parts) {
      try {
        for (const [name, one] of flatten(part)) values.set(name, check(name, OPTIONS[name], one))
      } catch (error) {
        complain(`${place}: ${error.message}; ignored`)
      }
    }
  }
  resolvePaths(values, path.dirname(file))
  return values
}

function fromEnvironment(env, complain) {
  const values = new Map()
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith(PREFIX)) continue
    const name = ENV_NAMES.get(variable)
    if (name === undefined) {
      if (!KNOWN_ENV.includes(variable)) complain(`environment variable ${variable} is not known: ${hint(variable, KNOWN_ENV)}`)
      continue
    }
    try {
      values.set(name, parse(name, OPTIONS[name], env[variable]))
    } catch (error) {
      complain(`environment variable ${variable}: ${error.message}; ignored`)
    }
  }
  return values
}

/** A switch of the environment; a word that is neither yes nor no is a warning and counts as `otherwise`. */
function readSwitch(env, variable, otherwise, complain) {
  if (env[variable] === undefined) return otherwise
  try {
    return parseBoolean(variable, env[variable])
  } catch (error) {
    complain(`environment variable ${error.message.replace('option ', '')}; ignored`)
    return otherwise
  }
}

/** A switch as it was when the process was started: code cannot undo that. */
const firstSwitch = (env, variable, otherwise) =>
  env === process.env ? readSwitch({ [variable]: firstValue(variable) }, variable, otherwise, () => {}) : otherwise

/** LEAKHUNT=0 and its like, now or when the process was started: leakhunt does nothing at all. Asked before anything else is read. */
const switchedOff = (env = process.env, complain = () => {}) => !(readSwitch(env, 'LEAKHUNT', true, complain) && firstSwitch(env, 'LEAKHUNT', true))

const THRESHOLDS = [
  ['heapUsed', 'aboveBytes', 'thresholds.heapUsedBytes'],
  ['heapUsed', 'abovePercent', 'thresholds.heapUsedPercent'],
  ['rss', 'aboveBytes', 'thresholds.rssBytes'],
  ['rss', 'abovePercent', 'thresholds.rssPercent'],
  ['external', 'aboveBytes', 'thresholds.externalBytes'],
  ['liveSetGrowth', 'aboveBytes', 'thresholds.liveSetGrowthBytes'],
]

/** `thresholds` is the short form of `rules`; where neither is given, the heap and the cgroup are watched at 85 per cent. */
function rulesOf(get) {
  const held = {
    samples: get('thresholds.samples'),
    hysteresisPercent: get('thresholds.hysteresisPercent'),
    stepPercent: get('thresholds.stepPercent'),
  }
  const rule = (metric, field, value) => ({ metric, aboveBytes: null, abovePercent: null, ...held, [field]: value })
  const short = THRESHOLDS.flatMap(([metric, field, name]) => (get(name) === undefined ? [] : [rule(metric, field, get(name))]))
  const long = get('rules')
  if (long !== undefined || short.length > 0) {
    const defaults = { aboveBytes: null, abovePercent: null, ...held }
    return { given: true, rules: [...short, ...(long ?? []).map((each) => ({ ...defaults, ...each }))] }
  }
  return { given: false, rules: ['heapUsed', 'rss'].map((metric) => rule(metric, 'abovePercent', DEFAULT_PERCENT)) }
}

const group = (get, prefix) =>
  Object.fromEntries(
    Object.keys(OPTIONS).flatMap((name) => (name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), get(name)]] : [])),
  )

/** A function of the code's stands before a command of the environment. Null where there is nothing to deliver with. */
function deliverOf(get, code) {
  const { command = null, handler = null, ...bounds } = group(get, 'deliver')
  if (code.has('deliver.handler')) return { command: null, handler, ...bounds }
  return command === null ? null : { command, handler: null, ...bounds }
}

/** Null where there is to be no unattended hunt. */
function huntOf(get, otherwise) {
  const { enabled = otherwise, ...bounds } = group(get, 'hunt')
  return enabled ? bounds : null
}

/** Null where there are to be no censuses but those that code asks for. */
function censusOf(get) {
  const census = group(get, 'census')
  return census.everyMs === undefined ? null : census
}

/**
 * Everything decided, nothing done yet: no directory is made here. `complaints` are the mistakes to warn about.
 * `settings` are the user's; `env` and `manifest` can be given by tests.
 */
function resolveOptions(settings = {}, { env = process.env, manifest = readManifest } = {}) {
  const complaints = []
  const complain = (text) => complaints.push(text)
  const code = fromCode(settings)
  const environment = fromEnvironment(env, complain)
  const file = fromManifest(manifest, complain)
  const get = (name) => code.get(name) ?? environment.get(name) ?? file.get(name) ?? OPTIONS[name].default
  const { given, rules } = rulesOf(get)
  const redactAlways = environment.get('redact') === true || firstSwitch(env, 'LEAKHUNT_REDACT', false)
  switchedOff(env, complain)
  return {
    complaints,
    dir: get('dir'),
    intervalMs: get('intervalMs'),
    rules,
    growth: get('growth') ?? !given,
    hunt: huntOf(get, !given),
    census: censusOf(get),
    limits: group(get, 'limits'),
    capture: group(get, 'capture'),
    retention: group(get, 'retention'),
    deliver: deliverOf(get, code),
    control: get('control'),
    labels: get('labels') ?? {},
    // The switches of the environment only tighten, whatever code says.
    redact: redactAlways || get('redact'),
    redactAlways,
    noSnapshots: readSwitch(env, 'LEAKHUNT_NO_SNAPSHOTS', false, complain) || firstSwitch(env, 'LEAKHUNT_NO_SNAPSHOTS', false),
  }
}

module.exports = { resolveOptions, switchedOff, readSwitch }
