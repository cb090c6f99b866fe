'use strict'
// Sessions that end by themselves: each round some begin, and those that are too old are swept out. The clock is the round.
const MAX_AGE = 2

class Session {
  constructor(user, now) {
    this.user = user
    this.expires = now + MAX_AGE
    this.basket = []
  }
}

const sessions = new Map()

function sweep(now) {
  for (const [token, session] of sessions) if (session.expires <= now) sessions.delete(token)
}

function round(number) {
  sweep(number)
  for (let i = 0; i < 400 + 30 * (number % 2); i++) sessions.set(`token-${number}-${i}`, new Session(`user ${i}`, number))
}

module.exports = { warmUp: 2, round }
