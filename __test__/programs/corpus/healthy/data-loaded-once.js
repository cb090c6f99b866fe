'use strict'
// The catalogue comes in late, and all at once; then it is only read.
class Product {
  constructor(id) {
    this.id = id
    this.name = `product ${id}`
    this.prices = { EUR: id, USD: id + 1 }
  }
}

let catalogue = []

function load() {
  catalogue = Array.from({ length: 4000 }, (_, id) => new Product(id))
}

function round(number) {
  if (number === 2) load()
  return catalogue.filter(({ prices }) => prices.EUR % 7 === number).length
}

module.exports = { round }
