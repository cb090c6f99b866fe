'use strict'
// The id is cut out of a large message. V8 does not copy it: the small string holds the large one.
const ids = []

function receive(message) { // the leak
  ids.push(message.slice(100, 140))
}

function round(number) {
  for (let i = 0; i < 60; i++) receive(`${'-'.repeat(100)}id of the message ${number}.${i}`.padEnd(40_000, `text ${i} `))
}

module.exports = { leaks: { cause: 'collection', class: /string/, holder: 'ids' }, round }
