'use strict'
// Every order follows the price, on an emitter that outlives it, and nobody unsubscribes when the order is done.
const { EventEmitter } = require('node:events')

class Order {
  constructor(id) {
    this.id = id
    this.items = [`item ${id}`, `item ${id + 1}`]
  }

  reprice(price) {
    this.total = price * this.items.length
  }
}

const ticker = new EventEmitter().setMaxListeners(0)

function follow(order) {
  ticker.on('price', (price) => order.reprice(price)) // the leak
}

function round(number) {
  for (let i = 0; i < 400; i++) follow(new Order(number * 400 + i))
  ticker.emit('price', number)
}

module.exports = { leaks: { cause: 'listener', class: 'Order', holder: 'ticker' }, round }
