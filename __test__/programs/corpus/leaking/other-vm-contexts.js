'use strict'
// A script of a customer's runs in a context of its own; the context is kept with its result.
const vm = require('node:vm')

const runs = []

function run(code, input) { // the leak
  const context = vm.createContext({ input })
  runs.push({ context, result: vm.runInContext(code, context) })
}

const CODE = 'input.map((n) => n * 2)'

function round() {
  for (let i = 0; i < 25; i++) run(CODE, [1, 2, i])
}

// Up to Node 22 some of a context's objects hang on what Node keeps in a symbol of its own.
module.exports = { leaks: { cause: ['collection', 'other'], class: [/^Object/, /Context/, 'Array'], holder: ['runs', /^<symbol/] }, round }
