'use strict'
// "Tell me when the client goes": on the request's socket, which with keep-alive serves thousands of requests.
const express = require('express')
const { startPeer } = require('../peers/start.js')

class Job {
  constructor(url) {
    this.url = url
    this.steps = []
  }

  cancel() {
    this.steps.push('cancelled')
  }
}

let browsers
let server

function start(request, response) {
  const job = new Job(request.url)
  request.socket.setMaxListeners(0).on('close', () => job.cancel()) // the leak
  job.steps.push('done')
  response.json(job.steps)
}

async function setup() {
  browsers = await startPeer('browsers')
  const app = express()
  app.get('/{*any}', start)
  server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  server.keepAliveTimeout = 0
}

async function round(number) {
  await browsers.ask({ port: server.address().port, amount: 600, connections: 3, path: '/job/*', label: number, stays: true })
}

module.exports = { leaks: { cause: 'listener', class: 'Job', holder: ['socket', 'Socket'] }, setup, round }
