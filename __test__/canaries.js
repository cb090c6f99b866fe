'use strict'
// Secrets that a program plants and a test looks for. They are made of a seed that neither has in its source, so that what is found was in the heap.
const { createHash } = require('node:crypto')

/** `shape` is what the secret looks like: a token is like an identifier of a program. */
const SHAPES = {
  token: (hex) => `q${hex}`,
  mail: (hex) => `${hex.slice(0, 14)}@mail.example`,
  uuid: (hex) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
  digits: (hex) => hex.replace(/[a-f]/g, (letter) => letter.charCodeAt(0) % 10).slice(0, 19),
  wide: (hex) => `ключ${hex}€`,
}

/** The secret of that name. */
function canary(seed, name, shape = 'token') {
  return SHAPES[shape](createHash('sha256').update(`${seed} ${name}`).digest('hex').slice(0, 40))
}

/** Where secrets are planted, and of which shape. */
const PLACES = {
  flat: 'token',
  cons: 'token',
  sliced: 'token',
  twoByte: 'wide',
  external: 'token',
  stringObject: 'token',
  mapKey: 'mail',
  mapValue: 'token',
  setEntry: 'uuid',
  weakMapValue: 'token',
  weakMapClass: 'token',
  closure: 'token',
  url: 'token',
  urlQuery: 'token',
  template: 'token',
  symbol: 'token',
  symbolKey: 'token',
  registeredSymbol: 'token',
  regExp: 'token',
  regExpInput: 'token',
  functionName: 'token',
  classByKey: 'token',
  errorMessage: 'token',
  errorCause: 'token',
  jsonKey: 'mail',
  jsonValue: 'token',
  fastKey: 'token',
  mailKey: 'mail',
  uuidKey: 'uuid',
  digitsKey: 'digits',
  hotKey: 'token',
  hotLoadKey: 'token',
  getterKey: 'token',
  setterKey: 'mail',
  staticString: 'token',
  staticKey: 'token',
  methodKey: 'token',
  instanceKey: 'token',
  globalKey: 'token',
  eventName: 'token',
  toStringTag: 'token',
  evalLiteral: 'token',
  dataUrl: 'token',
  promise: 'token',
  generator: 'token',
  bound: 'token',
  asyncStore: 'token',
  headers: 'token',
  argv: 'token',
  env: 'token',
}

const canaries = (seed) => Object.fromEntries(Object.entries(PLACES).map(([name, shape]) => [name, canary(seed, name, shape)]))

/** Four digits, such as a PIN: too short to be looked for anywhere but as a whole string. */
const PIN = 4829

module.exports = { canaries, PIN }
