'use strict'
// A formatter is made for each customer and kept by name, so that it is made only once; there are ever more customers.
const formatters = new Map()

function formatterFor(customer) {
  if (!formatters.has(customer)) {
    const currency = ['EUR', 'USD', 'GBP'][customer.length % 3]
    const prefix = `${customer} pays `
    formatters.set(customer, function format(amount) { // the leak
      return `${prefix}${amount} ${currency}`
    })
  }
  return formatters.get(customer)
}

function round(number) {
  for (let i = 0; i < 350; i++) formatterFor(`customer ${number}.${i}`)(i)
}

module.exports = { leaks: { cause: 'closure', class: 'function format', holder: 'formatters' }, round }
