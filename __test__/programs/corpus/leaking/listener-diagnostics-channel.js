'use strict'
// A subscriber to a diagnostics channel for each tenant that comes; tenants go, subscribers do not.
const { subscribe, channel } = require('node:diagnostics_channel')

const queries = channel('app:query')

class Tenant {
  constructor(id) {
    this.id = id
    this.slowest = 0
  }

  watch() {
    subscribe('app:query', ({ tenant, ms }) => { // the leak
      if (tenant === this.id) this.slowest = Math.max(this.slowest, ms)
    })
  }
}

function round(number) {
  for (let i = 0; i < 150; i++) new Tenant(number * 150 + i).watch()
  queries.publish({ tenant: number, ms: 5 })
}

module.exports = { leaks: { cause: ['listener', 'closure', 'collection'], class: ['Tenant'], holder: ['queries', '_subscribers'] }, round }
