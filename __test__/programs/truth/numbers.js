'use strict'
// Numbers beyond small integers: BigInts of all lengths, doubles in fields, boxed ones, dates, typed arrays of BigInts, Math's and Atomics' own.
const { many } = require('./many.js')

class PlantedAccount {
  constructor(number) {
    this.balance = 10n ** BigInt(number % 300)
    this.rate = number / 7
    this.opened = new Date(number * 1e9)
  }
}

module.exports = async () => ({
  accounts: many(3000, (number) => new PlantedAccount(number)),
  bigInts: many(1000, (number) => -(2n ** BigInt(number * 3))),
  boxed: many(300, (number) => [Object(BigInt(number)), Object(number / 3), Object(true), Object(Symbol('boxed'))]),
  arrays: many(100, (number) => BigInt64Array.of(BigInt(number), 2n)),
  dates: many(300, (number) => Object.assign(new Date(number), { note: { number } })),
  lazyDates: many(300, (number) => { const date = new Date(number * 1e8); date.getDay(); return date }),
  doubles: new Map(many(1000, (number) => [number / 3, number * 1.1])),
  closures: many(300, (number) => { let count = number / 2; return () => (count += 0.1) }),
})
