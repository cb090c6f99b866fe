'use strict'
// As much of PostgreSQL's protocol (version 3) as a client needs that sends simple queries: each is answered by one row.
const net = require('node:net')
const { serve } = require('./start.js')

function message(type, ...parts) {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)))
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const int16 = (...values) => Buffer.concat(values.map((value) => Buffer.from([(value >> 8) & 255, value & 255])))
const int32 = (...values) => Buffer.concat(values.map((value) => int16(value >> 16, value)))

const READY = message('Z', Buffer.from('I'))
const WELCOME = Buffer.concat([message('R', int32(0)), message('S', 'server_version', '16.0'), message('K', int32(1, 1)), READY])
const TEXT_OID = 25
const COLUMN = message('T', int16(1), 'answer', int32(0), int16(0), int32(TEXT_OID), int16(-1), int32(-1), int16(0))

function row(text) {
  const value = Buffer.from(text)
  return Buffer.concat([COLUMN, message('D', int16(1), int32(value.length), value), message('C', 'SELECT 1'), READY])
}

const server = net.createServer((socket) => {
  let bytes = Buffer.alloc(0)
  let welcomed = false
  socket.on('error', () => {})
  socket.on('data', (more) => {
    bytes = Buffer.concat([bytes, more])
    for (;;) {
      const at = welcomed ? 1 : 0
      if (bytes.length < at + 4 || bytes.length < at + bytes.readInt32BE(at)) return
      const type = welcomed ? String.fromCharCode(bytes[0]) : 'startup'
      bytes = bytes.subarray(at + bytes.readInt32BE(at))
      welcomed = true
      if (type === 'startup') socket.write(WELCOME)
      else if (type === 'Q') socket.write(row('forty-two'))
      else if (type === 'X') socket.end()
    }
  })
})
server.listen(0, '127.0.0.1', () => serve(server.address().port))
