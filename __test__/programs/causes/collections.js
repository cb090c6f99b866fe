'use strict'
// Collections that only grow, of each kind; and a cache with a bound.
class Item {
  constructor(i) {
    this.name = `item ${i}`
  }
}
class Page extends Item {}
class Customer extends Item {}
class Price extends Item {}
class Visit extends Item {}
class Meta extends Item {}
class Old extends Item {}
class Ticket extends Item {}

const pages = new Map()
const seen = new Set()
const customers = {}
const visits = []
const meta = new WeakMap()
const keys = Array.from({ length: 450 }, () => ({}))
const bounded = new Map()

class Registry {
  static prices = []
}

function work(i) {
  pages.set(`/page/${i}`, new Page(i))
  seen.add(new Ticket(i))
  customers[`customer-${i}`] = new Customer(i)
  Registry.prices.push(new Price(i))
  visits.push(new Visit(i))
  exports.items.push(new Item(i))
  // The keys are there from the start, and stay.
  meta.set(keys[i], new Meta(i))
  bounded.set(i, new Old(i))
  if (bounded.size > 50) bounded.delete(bounded.keys().next().value)
}

exports.items = []
exports.work = work
