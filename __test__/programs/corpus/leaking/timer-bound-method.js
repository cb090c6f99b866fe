'use strict'
// A connection object with its own keep-alive timer; close() forgets it.
class Channel {
  constructor(id) {
    this.id = id
    this.sent = 0
    this.timer = setInterval(this.ping.bind(this), 45_000)
  }

  ping() { // the leak
    this.sent += 1
  }

  close() {
    this.closed = true
  }
}

function round(number) { // the leak
  for (let i = 0; i < 150; i++) new Channel(number * 150 + i).close()
}

module.exports = { leaks: { cause: 'timer', class: 'Channel', holder: 'Timeout' }, round }
