'use strict'
// A plain service over connections that stay open: a session for each client, gone with it.
const express = require('express')
const { startPeer } = require('../peers/start.js')

class Visit {
  constructor(url) {
    this.url = url
    this.at = new Date()
  }
}

const byClient = new Map()
let browsers
let server

function remember(request, _response, next) {
  const client = request.socket.remotePort
  if (!byClient.has(client)) {
    byClient.set(client, [])
    request.socket.once('close', () => byClient.delete(client))
  }
  const visits = byClient.get(client)
  visits.push(new Visit(request.url))
  if (visits.length > 10) visits.shift()
  next()
}

async function setup() {
  browsers = await startPeer('browsers')
  const app = express()
  app.use(remember)
  app.get('/{*any}', (request, response) => response.json(byClient.get(request.socket.remotePort)))
  server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  server.keepAliveTimeout = 0
}

async function round(number) {
  await browsers.ask({ port: server.address().port, amount: 400, connections: 20, path: '/item/*', label: number, stays: true })
}

module.exports = { setup, round }
