'use strict'
// Modules of both kinds: ES modules from data URLs with live bindings, top-level await and cycles of functions, and CommonJS ones in the cache.
const Module = require('node:module')
const { many } = require('./many.js')

class PlantedExport {
  constructor(number) {
    this.number = number
    this.inner = { number }
  }
}

const source = (number) => `
  export let counter = { value: ${number} }
  export const list = Array.from({ length: 20 }, (_, at) => ({ at, number: ${number} }))
  export class PlantedInModule { held = list }
  export const made = new PlantedInModule()
  export default function bump() { counter = { value: counter.value + 1 }; return counter }
  await null
  export const meta = { url: import.meta.url.length }
`

module.exports = async () => {
  const modules = []
  for (let at = 0; at < 30; at++) modules.push(await import(`data:text/javascript,${encodeURIComponent(source(at))}`))
  const cached = many(50, (number) => {
    const module = new Module(`planted-${number}`)
    module._compile(`exports.make = () => exports; exports.held = { number: ${number} }`, `/planted/${number}.js`)
    return module
  })
  return { modules, cached, exported: many(500, (number) => new PlantedExport(number)), bumps: modules.map((module) => module.default()) }
}
