'use strict'
// As much of Redis' protocol as a client needs that asks for strings: every command is an array of
// bulk strings; answers are in version 3 of the protocol.
const net = require('node:net')
const { serve } = require('./start.js')

const CRLF = '\r\n'
const bulk = (text) => `$${text.length}${CRLF}${text}${CRLF}`

/** The first whole command of `text` as `{ words, rest }`, or null. */
function next(text) {
  const head = /^\*(\d+)\r\n/.exec(text)
  if (head === null) return null
  let rest = text.slice(head[0].length)
  const words = []
  for (let i = 0; i < Number(head[1]); i++) {
    const length = /^\$(\d+)\r\n/.exec(rest)
    const end = length === null ? Infinity : length[0].length + Number(length[1]) + CRLF.length
    if (rest.length < end) return null
    words.push(rest.slice(length[0].length, end - CRLF.length))
    rest = rest.slice(end)
  }
  return { words, rest }
}

const stored = new Map()

function reply([name, key, value]) {
  switch (name.toUpperCase()) {
    case 'GET':
      return stored.has(key) ? bulk(stored.get(key)) : `_${CRLF}`
    case 'SET':
      stored.set(key, value)
      return `+OK${CRLF}`
    case 'PING':
      return `+PONG${CRLF}`
    case 'HELLO':
      return `%1${CRLF}${bulk('proto')}:3${CRLF}`
    default:
      return `+OK${CRLF}`
  }
}

const server = net.createServer((socket) => {
  let text = ''
  socket.setEncoding('latin1').on('data', (more) => {
    text += more
    for (let command = next(text); command !== null; command = next(text)) {
      text = command.rest
      socket.write(reply(command.words))
    }
  })
  socket.on('error', () => {})
})
server.listen(0, '127.0.0.1', () => serve(server.address().port))
