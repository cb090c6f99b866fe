'use strict'
// Plants secrets wherever an app may have some, and takes a snapshot. `argv`: directory, seed, options of start(), a secret.
const { AsyncLocalStorage } = require('node:async_hooks')
const { EventEmitter } = require('node:events')
const leakhunt = require('../../js/index.js')
const { canaries, PIN } = require('../canaries.js')

const [, , dir, seed, options = '{}'] = process.argv
const MANY = 2000
const EXTERNAL = 1_100_000

/** A copy that shares nothing with where it came from. */
const fresh = (text) => Buffer.from(text, 'utf16le').toString('utf16le')

class CustomerAccount {
  constructor(secret) {
    this.customerRecord = { since: new Date(0) }
    this.accessKey = secret
  }
}

class SecretKeeper {
  #note
  constructor(note) {
    this.#note = note
  }
  read() {
    return this.#note
  }
}

/** Stores and loads that V8 remembers the key of, and then optimises for it. */
function hot(table, key) {
  table[key] = 1
}
function hotLoad(table, key) {
  return table[key]
}

function* waiting(secret) {
  const held = `generator ${secret}`
  yield 1
  return held
}

function plant(s) {
  const long = `${'-'.repeat(40)}${s.sliced}${'-'.repeat(40)}`
  const half = s.cons.length >> 1
  const external = Buffer.alloc(EXTERNAL, `${s.external} `).toString('latin1')
  const weak = new WeakMap()
  const weakKeys = [{ id: 1 }, { id: 2 }]
  weak.set(weakKeys[0], fresh(s.weakMapValue))
  weak.set(weakKeys[1], { [Symbol.toStringTag]: fresh(s.weakMapClass) })
  const captured = fresh(s.closure)
  const keyed = {}
  for (let i = 0; i < MANY; i++) keyed[`${s.mailKey}${i}`] = i
  keyed[s.mailKey] = {}
  keyed[s.uuidKey] = {}
  keyed[s.digitsKey] = {}
  const table = { [s.hotLoadKey]: {} }
  for (let i = 0; i < 200_000; i++) {
    hot(table, s.hotKey)
    hotLoad(table, s.hotLoadKey)
  }
  const accessors = {}
  Object.defineProperty(accessors, s.getterKey, { get: () => 1, enumerable: true })
  Object.defineProperty(accessors, s.setterKey, { set: () => {}, enumerable: true })
  const withMethods = { [s.methodKey]() {}, [Symbol(s.symbolKey)]: {} }
  const instance = new CustomerAccount(fresh(s.flat))
  instance[s.instanceKey] = {}
  globalThis[s.globalKey] = {}
  const classes = { [s.classByKey]: class {} }
  const named = Object.defineProperty(() => {}, 'name', { value: fresh(s.functionName) })
  const matched = /^q(?<rest>.*)$/.exec(fresh(s.regExpInput))
  const emitter = new EventEmitter().on(s.eventName, () => {})
  const json = JSON.stringify({ [s.jsonKey]: { inner: s.jsonValue } })
  const generator = waiting(s.generator)
  generator.next()
  const store = new AsyncLocalStorage()
  store.enterWith({ token: fresh(s.asyncStore) })
  return [
    instance,
    new SecretKeeper(fresh(s.flat)),
    fresh(s.cons).slice(0, half) + fresh(s.cons).slice(half),
    long.slice(40, 40 + s.sliced.length),
    fresh(s.twoByte),
    external,
    Object(fresh(s.stringObject)),
    new Map([[fresh(s.mapKey), fresh(s.mapValue)]]),
    new Set([fresh(s.setEntry)]),
    [weak, weakKeys],
    () => captured,
    new URL(`https://user:${s.url}@example.com/?token=${s.urlQuery}`),
    `Bearer ${s.template}, please`,
    [Symbol(s.symbol), Symbol.for(s.registeredSymbol)],
    new RegExp(`^${s.regExp}$`, 'u'),
    new Error(`no such user: ${s.errorMessage}`, { cause: s.errorCause }),
    [json, JSON.parse(json)],
    { [s.fastKey]: {} },
    [keyed, table, accessors, withMethods],
    class Registry {
      static note = fresh(s.staticString);
      static [s.staticKey] = {}
    },
    [emitter, named, matched, classes, new classes[s.classByKey]()],
    { [Symbol.toStringTag]: fresh(s.toStringTag) },
    new Function(`return () => '${s.evalLiteral}'`)(),
    Promise.resolve(fresh(s.promise)),
    generator,
    ((secret) => secret).bind(null, fresh(s.bound)),
    store,
    new Headers({ authorization: s.headers }),
    [String(PIN), Array.from({ length: PIN * 2 }, (_, i) => ({ i }))],
  ]
}

async function main() {
  const s = canaries(seed)
  const kept = plant(s)
  const sessionsByToken = { module: await import(`data:text/javascript,export default '${s.dataUrl}'`) }
  const hunt = leakhunt.start({ dir, rules: [], growth: false, capture: { nice: 0 }, ...JSON.parse(options) })
  const reader = () => [kept, sessionsByToken, process.env.APP_TOKEN.length, process.argv.length]
  const { path, sidecar, redacted } = await hunt.snapshot()
  hunt.stop()
  process.stdout.write(JSON.stringify({ path, sidecar, redacted, kept: reader()[0].length }))
}

main()
