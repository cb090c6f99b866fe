'use strict'
// Runs in a browser. Keeps sessions, rows that were taken out of the document, and listeners on the window.
/* global document, window */

class Session {
  constructor(id) {
    this.id = id
    this.user = { name: `user ${id}` }
  }
}

const sessions = new Map()
const removed = []

function open(id) {
  sessions.set(id, new Session(id))
}

function replaceRow(id) {
  const row = document.createElement('li')
  row.textContent = `row ${id}`
  const list = document.getElementById('list')
  list.append(row)
  row.remove()
  removed.push(row)
}

function follow(id) {
  const state = { id, seen: new Date() }
  window.addEventListener('resize', function onResize() {
    state.seen = new Date()
  })
}

// Called from outside, before each snapshot.
window.round = (number) => {
  for (let i = 0; i < 500; i++) {
    open(number * 500 + i)
    replaceRow(i)
    follow(i)
  }
  return [sessions.size, removed.length]
}
