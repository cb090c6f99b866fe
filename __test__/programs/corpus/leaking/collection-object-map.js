'use strict'
// A plain object as a table of what is under way, keyed by the id of a request; entries are marked done and stay.
const underway = {}

function begin(id, url) { // the leak
  underway[id] = { url, began: new Date(), done: false }
}

function finish(id) {
  underway[id].done = true
}

function round(number) {
  for (let i = 0; i < 600; i++) {
    const id = `request-${number}-${i}`
    begin(id, `/items/${i}`)
    finish(id)
  }
}

module.exports = { leaks: { cause: 'collection', class: 'Object {url, began, done}', holder: 'underway' }, round }
