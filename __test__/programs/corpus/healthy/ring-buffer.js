'use strict'
// The last events, in a ring with room for a thousand: it fills slowly, is full in the second round, and new ones replace old ones.
class Happening {
  constructor(what) {
    this.what = what
    this.at = new Date()
  }
}

class Ring {
  constructor(size) {
    this.slots = new Array(size).fill(null)
    this.next = 0
  }

  push(item) {
    this.slots[this.next % this.slots.length] = item
    this.next += 1
  }
}

const recent = new Ring(1000)

function round(number) {
  for (let i = 0; i < 620; i++) recent.push(new Happening(`${number}.${i}`))
}

module.exports = { round }
