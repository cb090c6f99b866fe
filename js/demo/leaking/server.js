'use strict'
// A small API as it is written every day. Somebody wanted to see the latest requests under /logs, so each one is kept.
const http = require('node:http')

class RequestLog {
  constructor(request) {
    this.time = new Date()
    this.method = request.method
    this.url = request.url
    this.address = request.socket.remoteAddress
    this.headers = { ...request.headers }
  }
}

const logs = []

const orders = Array.from({ length: 50 }, (_, id) => ({ id, item: `item ${id}`, price: 100 + id }))

function respond(response, body) {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}

function handle(request, response) {
  logs.push(new RequestLog(request))
  if (request.url === '/logs') respond(response, logs.slice(-10))
  else respond(response, orders)
}

const server = http.createServer(handle)
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`)
})
