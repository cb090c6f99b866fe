'use strict'
// A service behind the program: answers every request, and keeps every connection open.
const http = require('node:http')
const { serve } = require('./start.js')

const answer = JSON.stringify({ items: Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}` })) })

const server = http.createServer((request, response) => {
  // More than a reader that does not read has room for.
  if (request.url.startsWith('/large')) response.end(Buffer.alloc(4 << 20, 'x'))
  else response.end(answer)
})
server.keepAliveTimeout = 0
server.listen(0, '127.0.0.1', () => serve(server.address().port))
