'use strict'
// Subscriptions that end by themselves, or are ended.
const { Subject, take, takeUntil } = require('rxjs')

const prices = new Subject()
const closed = new Subject()

class Chart {
  constructor(id) {
    this.id = id
    this.points = []
  }

  open() {
    return prices.pipe(takeUntil(closed)).subscribe((value) => this.points.push(value))
  }
}

function round(number) {
  for (let i = 0; i < 300; i++) {
    new Chart(i).open()
    prices.pipe(take(1)).subscribe()
    if (i % 3 === 0) new Chart(i).open().unsubscribe()
  }
  prices.next(number)
  closed.next()
}

module.exports = { round }
