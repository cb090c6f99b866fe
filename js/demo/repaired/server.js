'use strict'
// The same API after the hunt: a record goes to a file, and only the latest ten stay in memory.
const fs = require('node:fs')
const http = require('node:http')

const KEPT = 10

class RequestLog {
  constructor(request) {
    this.time = new Date()
    this.method = request.method
    this.url = request.url
    this.address = request.socket.remoteAddress
    this.headers = { ...request.headers }
  }
}

const file = fs.createWriteStream(process.env.LOG_FILE ?? 'requests.log', { flags: 'a' })
const latest = []

const orders = Array.from({ length: 50 }, (_, id) => ({ id, item: `item ${id}`, price: 100 + id }))

function keep(record) {
  file.write(`${JSON.stringify(record)}\n`)
  latest.push(record)
  if (latest.length > KEPT) latest.shift()
}

function respond(response, body) {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}

function handle(request, response) {
  keep(new RequestLog(request))
  if (request.url === '/logs') respond(response, latest)
  else respond(response, orders)
}

const server = http.createServer(handle)
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening on ${server.address().port}`)
})
