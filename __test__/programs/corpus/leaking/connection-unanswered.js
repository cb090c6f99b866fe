'use strict'
// A handler that forgets to answer in one branch. The client waits, and so do its request, its response and its socket.
const http = require('node:http')
const { startPeer } = require('../peers/start.js')

let browsers
let server

function handle(request, response) { // the leak
  if (request.url.startsWith('/basket')) {
    if (request.headers.cookie !== undefined) response.end('a basket')
    return
  }
  response.end('hello')
}

async function setup() {
  browsers = await startPeer('browsers')
  server = http.createServer(handle)
  server.requestTimeout = 0
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
}

async function round(number) {
  const { port } = server.address()
  await browsers.ask({ port, amount: 200, path: '/start' })
  await browsers.ask({ port, amount: 60, path: '/basket', waits: false })
  while (server.connectionsCheckingInterval && (await connections()) < 60 * (number + 1)) await new Promise(setImmediate)
}

const connections = () => new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))))

const CLASSES = ['Socket', 'ServerResponse', 'IncomingMessage', 'HTTPParser', 'TCP']

module.exports = {
  leaks: { cause: 'connection', class: CLASSES, holder: /./ },
  miss: 'the line is that of Node, where the socket is made: only events lead from there to the program',
  setup,
  round,
}
