'use strict'
// A metric with a label that has a new value for each request: prom-client keeps a number for every one of them.
const client = require('prom-client')

const requests = new client.Counter({ name: 'requests', help: 'requests by id', labelNames: ['id', 'method'], registers: [new client.Registry()] })

function count(id) { // the leak
  requests.inc({ id, method: 'GET' })
}

function round(number) {
  for (let i = 0; i < 400; i++) count(`request ${number}.${i}`)
}

module.exports = { leaks: { cause: 'collection', class: /^Object \{(labels|id, method)/, holder: ['hashMap', 'requests'] }, round }
