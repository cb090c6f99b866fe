'use strict'
// A chat whose members come and go: about as many are there at any time.
const { WebSocketServer, WebSocket } = require('ws')
const { once } = require('node:events')

const members = new Map()
let server

function join(socket, request) {
  members.set(request.url, socket)
  socket.on('message', () => socket.send(`${members.size} here`))
  socket.on('close', () => members.delete(request.url))
}

async function setup() {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  server.on('connection', join)
  await once(server, 'listening')
}

async function come(name) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.address().port}/${name}`, { perMessageDeflate: false })
  await once(socket, 'open')
  return socket
}

const here = []

async function round(number) {
  for (let i = 0; i < 4; i++) here.push(...(await Promise.all(Array.from({ length: 20 }, (_, k) => come(`${number}-${i}-${k}`)))))
  const leaving = here.splice(0, here.length - 25 - (number % 2))
  await Promise.all(leaving.map((socket) => Promise.all([once(socket, 'close'), socket.close()])))
  while (members.size > here.length) await new Promise(setImmediate)
}

module.exports = { setup, round }
