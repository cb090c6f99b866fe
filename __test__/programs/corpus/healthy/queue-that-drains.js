'use strict'
// Jobs pile up and are worked off; where the queue stands when somebody looks is chance.
class Job {
  constructor(id) {
    this.id = id
    this.payload = { text: `work ${id}`, created: new Date() }
  }
}

const queue = []
const WAITING = [700, 900, 300, 1100, 500, 800]

function round(number) {
  const before = queue.length
  for (let i = 0; i < 3000; i++) queue.push(new Job(number * 3000 + i))
  queue.splice(0, before + 3000 - WAITING[number % WAITING.length])
}

module.exports = { round }
