'use strict'
// A live heap of so many megabytes for a bench: small objects, each with a name, a Date, an array and a closure. Needs --expose-gc.
const v8 = require('node:v8')

class Item {
  constructor(i) {
    this.id = i
    this.name = `item-${i}`
    this.date = new Date(i)
    this.tags = [i, i + 1]
    this.read = () => this.id
  }
}

/** Fills the heap, and gives what has to be kept for it to stay full. */
function grow(megabytes) {
  const items = []
  while (v8.getHeapStatistics().used_heap_size < megabytes * 1e6) {
    for (let i = 0; i < 1000; i++) items.push(new Item(items.length))
    if (items.length % 50_000 === 0) global.gc()
  }
  global.gc()
  return items
}

module.exports = { grow }
