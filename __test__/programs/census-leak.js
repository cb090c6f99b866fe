'use strict'
// Counts itself at intervals while one class grows: argv: DIR CENSUSES [growth|hunt]. Prints the events that came, and the snapshot, if one is waited for.
const leakhunt = require('../../js/index.js')

class Ticket {
  constructor(number) {
    this.number = number
  }
}

const [dir, wanted, cause] = [process.argv[2], Number(process.argv[3]), process.argv[4]]
const waits = cause !== undefined
const tickets = []
const notes = []
const grow = () => {
  for (let number = 0; number < 1000; number++) {
    tickets.push(new Ticket(number))
    notes.push({ noted: number, why: 'leak' })
  }
}

const hunt = leakhunt.start({ dir, growth: cause === 'growth', hunt: cause === 'hunt', census: { everyMs: 1000, keep: 2 } })
const events = []
let snapshot = null
let problem = null

function endIfDone() {
  if (events.length < wanted || (waits && snapshot === null)) return
  hunt.stop()
  clearInterval(alive)
  process.stdout.write(JSON.stringify({ events, snapshot, problem }))
}

hunt.on('skipped', (skipped) => (problem = skipped))
hunt.on('snapshot', (details) => {
  snapshot = details
  endIfDone()
})
hunt.on('census', ({ id, timestamp, path, growing, classes }) => {
  const counted = classes.find(({ name, kind }) => name === 'Ticket' && kind === 'object')?.count ?? 0
  events.push({ id, timestamp, path, growing, tickets: counted, held: tickets.length })
  grow()
  endIfDone()
})
const alive = setInterval(() => {}, 1000)
grow()
