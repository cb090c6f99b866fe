'use strict'
// A poll that starts itself again for ever, one for each upload; whether the upload is over is never asked.
class Upload {
  constructor(id) {
    this.id = id
    this.polls = 0
    this.parts = [{ part: 1, etag: `e${id}` }]
  }

  poll() {
    this.polls += 1
    setTimeout(() => this.poll(), 30_000) // the leak
  }
}

function round(number) {
  for (let i = 0; i < 200; i++) new Upload(number * 200 + i).poll()
}

module.exports = { leaks: { cause: 'timer', class: 'Upload', holder: 'Timeout' }, round }
