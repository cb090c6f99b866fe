'use strict'
// Makes what the bench reads: a program with a large and healthy heap that leaks in three ways, snapshot by V8 before, in the middle and after.
//
//   node --expose-gc --max-old-space-size=8192 make.js FOLDER RECORDS SNAPSHOTS
//
// A thousand records are some 2.4 MB of snapshot.
const { EventEmitter } = require('node:events')
const path = require('node:path')
const v8 = require('node:v8')

const [folder, records, snapshots] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
/** Things that each leak gains between two snapshots. */
const LEAKED = 1000

class Customer {
  constructor(number) {
    this.number = number
    this.name = `customer ${number}`
    this.address = { street: `${number % 997} High Street`, city: `city ${number % 313}`, at: { lat: number / 7, lon: number / 11 } }
    this.since = new Date(1.6e12 + number)
    this.tags = ['retail', number % 2 ? 'new' : 'old']
  }
}

class Purchase {
  constructor(customer, number) {
    this.customer = customer
    this.lines = Array.from({ length: 4 }, (_, line) => ({ product: catalogue[(number + line) % catalogue.length], count: line + 1, price: number * 0.25 }))
    this.note = `purchase ${number}`
    this.total = () => this.lines.reduce((sum, line) => sum + line.price, number)
  }
}

const catalogue = Array.from({ length: 3000 }, (_, number) => ({ sku: `sku-${number}`, colours: ['red', 'blue'], weight: number / 3 }))
const shop = { customers: new Map(), purchases: [], seen: new Set(), notes: new WeakMap(), newest: null }
globalThis.shop = shop

for (let number = 0; number < records; number++) {
  const customer = new Customer(number)
  const purchase = new Purchase(customer, number)
  shop.customers.set(customer.name, customer)
  shop.purchases.push(purchase)
  shop.seen.add(`visit ${number % 5000}`)
  if (number % 3 === 0) shop.notes.set(purchase, { text: `n${number}` })
  // A list as long as there are records: what is recursive does not survive it.
  shop.newest = { purchase, before: shop.newest }
}

class Session {
  constructor(number) {
    this.token = `token ${number}`
    this.rights = ['read', `write ${number}`]
  }
}
class Answer {
  constructor(number) {
    this.body = `{"answer":${number}}`.padEnd(60, ' ')
    this.headers = { etag: `W/${number}` }
  }
}
class Job {
  constructor(number) {
    this.attempts = [number, { at: number / 3 }]
  }
}

const bus = new EventEmitter().setMaxListeners(0)
const answers = new Map()

function leak(number) {
  const session = new Session(number)
  bus.on('tick', function onTick() {
    session.touched = true
  })
  answers.set(`/answers/${number}`, new Answer(number))
  const job = new Job(number)
  setInterval(function poll() {
    job.attempts.push(number)
  }, 3600e3)
}

for (let snapshot = 0; snapshot < snapshots; snapshot++) {
  if (snapshot > 0) for (let n = 0; n < LEAKED; n++) leak(snapshot * LEAKED + n)
  globalThis.gc()
  v8.writeHeapSnapshot(path.join(folder, `${snapshot + 1}.heapsnapshot`))
}
process.exit(0)
