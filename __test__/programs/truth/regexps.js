'use strict'
// Regular expressions with state: run and not run, compiled to machine code, with groups, sticky, and the results of exec with indices.
const { many } = require('./many.js')

class PlantedMatcher {
  constructor(number) {
    this.pattern = new RegExp(`(a+)(?<name>b{${number % 50}})`, 'dgu')
    this.result = this.pattern.exec(`${'a'.repeat(5)}${'b'.repeat(number % 50)}`)
  }
}

module.exports = async () => {
  const hot = /x(\d+)y/g
  for (let at = 0; at < 20_000; at++) `x${at}y`.match(hot)
  return {
    hot,
    matchers: many(500, (number) => new PlantedMatcher(number)),
    never: many(500, (number) => new RegExp(`never run ${number}`)),
    atoms: many(200, (number) => { const pattern = new RegExp(`atom${number}`); pattern.test('atom7'); return pattern }),
    sticky: many(200, () => { const pattern = /a/y; pattern.exec('aaa'); return pattern }),
    iterators: many(200, () => 'abcabc'.matchAll(/b/g)),
    named: many(200, (number) => Object.assign(/named/, { note: { number } })),
    twoByte: many(100, (number) => { const pattern = new RegExp(`ключ${number}`); pattern.test('ключ1'); pattern.test('latin'); return pattern }),
    replaced: many(200, (number) => 'some text'.replace(/t/g, () => number)),
  }
}
