'use strict'
// "Show me the latest requests": a middleware that keeps each one, and a page that shows ten.
const express = require('express')
const { startPeer } = require('../peers/start.js')

class Visit {
  constructor(request) {
    this.at = new Date()
    this.url = request.originalUrl
    this.headers = { ...request.headers }
  }
}

const visits = []
let browsers
let server

function remember(request, _response, next) { // the leak
  visits.push(new Visit(request))
  next()
}

async function setup() {
  browsers = await startPeer('browsers')
  const app = express()
  app.use(remember)
  app.get('/visits', (_request, response) => response.json(visits.slice(-10)))
  app.get('/{*any}', (request, response) => response.json({ url: request.url }))
  server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
}

async function round(number) {
  await browsers.ask({ port: server.address().port, amount: 500, path: '/item/*', label: number })
}

module.exports = { leaks: { cause: 'collection', class: 'Visit', holder: 'visits' }, setup, round }
