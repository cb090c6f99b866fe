'use strict'
// A connection of its own for each cache look-up, and no quit().
const { createClient } = require('redis')
const { startPeer } = require('../peers/start.js')

let peer

async function lookUp(key) { // the leak
  const client = createClient({ socket: { host: '127.0.0.1', port: peer.port } })
  await client.connect()
  const value = await client.get(key)
  if (value === null) await client.set(key, `value of ${key}`)
  return value
}

async function setup() {
  peer = await startPeer('redis')
}

async function round(number) {
  for (let i = 0; i < 8; i++) await Promise.all(Array.from({ length: 8 }, (_, k) => lookUp(`${number}:${i}:${k}`)))
}

module.exports = {
  leaks: { cause: 'connection', class: ['RedisClient', 'RedisSocket', 'Socket', 'TCP', 'Class', 'Commander'], holder: /./ },
  miss: 'the line is that of Node, where the socket is made: only events lead from there to the program',
  setup,
  round,
}
