'use strict'
// More visitors in each round than in the one before, all of them served and gone.
const http = require('node:http')
const { startPeer } = require('../peers/start.js')

let browsers
let server

class Greeting {
  constructor(url) {
    this.text = `hello to ${url}`
    this.at = new Date()
  }
}

async function setup() {
  browsers = await startPeer('browsers')
  server = http.createServer((request, response) => response.end(JSON.stringify(new Greeting(request.url))))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
}

async function round(number) {
  const connections = 25 * (number + 1)
  await browsers.ask({ port: server.address().port, amount: 20 * connections, connections })
}

module.exports = { setup, round }
