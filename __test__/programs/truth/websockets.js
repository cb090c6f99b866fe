'use strict'
// A WebSocket server with rooms, and two hundred clients that stay.
const { once } = require('node:events')
const { many, fromCorpus } = require('./many.js')

class PlantedRoom {
  members = new Set()
  history = []
  join(socket) {
    this.members.add(socket)
    socket.on('close', () => this.members.delete(socket))
  }
}

module.exports = async () => {
  const { WebSocket, WebSocketServer } = fromCorpus('ws')
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const rooms = many(10, () => new PlantedRoom())
  let arrived = 0
  server.on('connection', (socket) => {
    const room = rooms[arrived++ % rooms.length]
    room.join(socket)
    socket.on('message', (data) => {
      room.history.push({ text: String(data), members: room.members.size })
      socket.send('noted')
    })
  })
  const clients = many(200, () => new WebSocket(`ws://127.0.0.1:${server.address().port}`))
  await Promise.all(clients.map((client) => once(client, 'open')))
  for (let round = 0; round < 3; round++) {
    await Promise.all(clients.map((client, at) => {
      client.send(`message ${round} of ${at}`)
      return once(client, 'message')
    }))
  }
  return { server, rooms, clients }
}
