'use strict'
// Answers are remembered for each pair of country and currency; the frequent pairs come first, the last rare ones late.
class Rate {
  constructor(country, currency) {
    this.country = country
    this.currency = currency
    this.steps = [1, 2, 3]
  }
}

const rates = new Map()
const COUNTRIES = 50
const CURRENCIES = 20

function rate(country, currency) {
  const key = `${country}/${currency}`
  if (!rates.has(key)) rates.set(key, new Rate(country, currency))
  return rates.get(key)
}

function round(number) {
  let seed = 7 * number + 1
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
  for (let i = 0; i < 6000; i++) rate(Math.floor(COUNTRIES * random() ** 1.5), Math.floor(CURRENCIES * random()))
}

module.exports = { round }
