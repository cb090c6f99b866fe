'use strict'
// A heartbeat for each visitor, started when the visitor comes; what goes with the visitor does not stop it.
class Visitor {
  constructor(id) {
    this.id = id
    this.beats = 0
    this.page = { url: `/${id}`, since: new Date() }
  }

  arrive() {
    const heartbeat = () => { // the leak
      this.beats += 1
    }
    setInterval(heartbeat, 60_000)
  }
}

function round(number) {
  for (let i = 0; i < 250; i++) new Visitor(number * 250 + i).arrive()
}

module.exports = { leaks: { cause: 'timer', class: 'Visitor', holder: 'Timeout' }, round }
