'use strict'
// Functions that pile up, each with its scope.
class Order {
  constructor(i) {
    this.number = i
    this.lines = new Array(8).fill(i)
  }
}

const undo = []
const compensations = new Map()
const bounded = []

function place(order) {
  undo.push(function cancel() {
    return order.number
  })
}

function reserve(i) {
  const stock = new Uint8Array(2048).fill(i)
  compensations.set(i, () => stock.length)
}

function remember(i) {
  const text = `item ${i}`
  bounded.push(() => text)
  if (bounded.length > 50) bounded.shift()
}

function work(i) {
  place(new Order(i))
  reserve(i)
  remember(i)
}

module.exports = { work }
