'use strict'
// Subscriptions to a Subject that are never unsubscribed; take() and takeUntil() were forgotten.
const { Subject, filter, map } = require('rxjs')

const prices = new Subject()

class Chart {
  constructor(symbol) {
    this.symbol = symbol
    this.points = []
  }

  open() { // the leak
    prices
      .pipe(
        filter((price) => price.symbol === this.symbol),
        map((price) => price.value),
      )
      .subscribe((value) => this.points.push(value)) // the leak
  }
}

function round(number) {
  for (let i = 0; i < 150; i++) new Chart(`S${number * 150 + i}`).open()
  prices.next({ symbol: `S${number}`, value: number })
}

module.exports = {
  leaks: { cause: ['listener', 'collection'], class: ['Chart', 'OperatorSubscriber', 'SafeSubscriber'], holder: ['prices', 'observers'] },
  miss: 'the line is that of a neighbour in the same scope: who subscribes is not seen in the list of observers',
  round,
}
