'use strict'
// Rooms of a chat know their members; a member who closes the connection is told goodbye, but stays in the room.
const { WebSocketServer, WebSocket } = require('ws')
const { once } = require('node:events')

const members = new Map()
let server

function join(socket, request) { // the leak
  members.set(request.url, socket)
  socket.on('message', () => socket.send(`${members.size} here`))
  socket.on('close', () => socket.removeAllListeners('message'))
}

async function setup() {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  server.on('connection', join)
  await once(server, 'listening')
}

async function visit(name) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.address().port}/${name}`, { perMessageDeflate: false })
  await once(socket, 'open')
  socket.send('hello')
  await once(socket, 'message')
  socket.close()
  await once(socket, 'close')
}

async function round(number) {
  for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 10 }, (_, k) => visit(`${number}-${i}-${k}`)))
}

module.exports = {
  leaks: { cause: ['connection', 'collection'], class: 'WebSocket', holder: 'members' },
  miss: 'the socket is told by what holds it within the library, and not by the set of the program that keeps it',
  setup,
  round,
}
