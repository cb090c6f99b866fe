'use strict'
// An app that serves HTTP and plain TCP on a port of its own each.
const http = require('node:http')
const net = require('node:net')
const { serve } = require('./app.js')

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))

const sockets = new Set()
const tcp = net.createServer((socket) => {
  sockets.add(socket)
  socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  socket.pipe(socket)
})
const web = http.createServer((request, response) => response.end(`${sockets.size} sockets`))

serve(() => ({
  ports: async () => ({ tcp: await listen(tcp), web: await listen(web) }),
  open: () => sockets.size,
  /** Closes every connection from this side, and the port with it. */
  async close() {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => tcp.close(resolve))
  },
}))
