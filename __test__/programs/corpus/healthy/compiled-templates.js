'use strict'
// Templates become functions of their own when they are first shown; every function gets hot, so V8's code grows with them.
const templates = new Map()

function compile(name) {
  const body = Array.from({ length: 12 }, (_, i) => `out += '${name} ${i}: ' + data.value${i}`).join('\n')
  return new Function('data', `let out = ''\n${body}\nreturn out`)
}

function render(name, data) {
  if (!templates.has(name)) templates.set(name, compile(name))
  return templates.get(name)(data)
}

const PAGES = 300

function round(number) {
  // Nearly all are known after the first round, the rare ones come in the second.
  const known = number === 0 ? PAGES - 30 : PAGES
  let length = 0
  for (let i = 0; i < 30_000; i++) length += render(`page ${i % known}`, { value1: i }).length
  return length
}

module.exports = { round }
