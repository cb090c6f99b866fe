'use strict'
// Sessions in a Map; logging out deletes them, and hardly anybody logs out.
class Session {
  constructor(user) {
    this.user = user
    this.rights = ['read', 'write']
    this.since = new Date()
  }
}

const sessions = new Map()

function logIn(token, user) { // the leak
  sessions.set(token, new Session(user))
}

function logOut(token) {
  sessions.delete(token)
}

function round(number) {
  for (let i = 0; i < 500; i++) {
    const token = `token ${number * 500 + i}`
    logIn(token, `user ${i}`)
    if (i % 20 === 0) logOut(token)
  }
}

module.exports = { leaks: { cause: 'collection', class: 'Session', holder: 'sessions' }, round }
