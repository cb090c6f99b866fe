'use strict'
// Counts itself at intervals while one class grows: argv: DIR CENSUSES. Prints the events that came.
const leakhunt = require('../../js/index.js')

class Ticket {
  constructor(number) {
    this.number = number
  }
}

const [dir, wanted] = [process.argv[2], Number(process.argv[3])]
const tickets = []
const grow = () => {
  for (let number = 0; number < 1000; number++) tickets.push(new Ticket(number))
}

const hunt = leakhunt.start({ dir, thresholds: {}, growth: false, hunt: false, census: { everyMs: 1000, keep: 2 } })
const events = []
let problem = null
hunt.on('skipped', (skipped) => (problem = skipped))
hunt.on('census', ({ id, timestamp, path, classes }) => {
  events.push({ id, timestamp, path, tickets: classes.find(({ name, kind }) => name === 'Ticket' && kind === 'object')?.count ?? 0, held: tickets.length })
  if (events.length < wanted) return grow()
  hunt.stop()
  clearInterval(alive)
  process.stdout.write(JSON.stringify({ events, problem }))
})
const alive = setInterval(() => {}, 1000)
grow()
