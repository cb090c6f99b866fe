'use strict'
// The catalogue is loaded afresh in each round and is a little larger or smaller; the old one goes.
class Product {
  constructor(id) {
    this.id = id
    this.name = `product ${id}`
  }
}

let catalogue = new Map()

function load(size) {
  const fresh = new Map()
  for (let id = 0; id < size; id++) fresh.set(id, new Product(id))
  catalogue = fresh
}

const MORE = [0, 60, 20, 90, 45, 70]

function round(number) {
  load(5000 + MORE[number % MORE.length])
  return catalogue.get(number).name
}

module.exports = { round }
