'use strict'
// Connections that stay, on both sides; requests that are never answered; and connections that are closed.
const http = require('node:http')
const net = require('node:net')
const { once } = require('node:events')

const peers = new Set()
const sink = net.createServer((socket) => socket.on('error', () => {}))
const silent = http.createServer(() => {})
const agent = new http.Agent({ keepAlive: true })

let ready
async function start() {
  for (const server of [sink, silent]) {
    server.listen(0, '127.0.0.1').unref()
    await once(server, 'listening')
  }
}

async function connect() {
  const socket = net.connect(sink.address().port, '127.0.0.1')
  await once(socket, 'connect')
  peers.add(socket)
}

async function comeAndGo() {
  const socket = net.connect(sink.address().port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  await once(socket, 'close')
}

async function ask() {
  const request = http.get({ port: silent.address().port, agent })
  request.on('error', () => {})
  await once(silent, 'request')
}

async function work() {
  await (ready ??= start())
  await connect()
  await comeAndGo()
  await ask()
}

module.exports = { work }
