'use strict'
// Metrics with labels that have a few values: as many numbers as there are routes, methods and statuses, however many requests.
const client = require('prom-client')

const registers = [new client.Registry()]
const duration = new client.Histogram({ name: 'duration', help: 'how long', labelNames: ['route', 'method', 'status'], registers })

const METHODS = ['GET', 'POST', 'PUT', 'DELETE']
const STATUSES = [200, 201, 400, 404, 500]

async function round(number) {
  for (let i = 0; i < 4000; i++) {
    // Rare combinations are first seen late.
    const route = `/route/${Math.floor(Math.sqrt(i + number)) % 12}`
    duration.observe({ route, method: METHODS[(i * 7) % 4], status: STATUSES[(i + number) % 5] }, i / 1000)
  }
  return (await registers[0].metrics()).length
}

module.exports = { round }
