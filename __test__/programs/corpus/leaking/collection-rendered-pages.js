'use strict'
// A module's private memory of what it has worked out, by what it was asked; nobody asks the same thing twice.
const rendered = new Map()

function render(options) { // the leak
  const key = JSON.stringify(options)
  if (!rendered.has(key)) rendered.set(key, `<p>${options.text}</p>`.repeat(30).toUpperCase())
  return rendered.get(key)
}

function round(number) {
  for (let i = 0; i < 800; i++) render({ text: `text ${i}`, at: number * 800 + i })
}

module.exports = { leaks: { cause: 'collection', class: ['(string)', 'Map', /string/], holder: 'rendered' }, round }
