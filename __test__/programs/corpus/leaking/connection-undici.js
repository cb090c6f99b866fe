'use strict'
// A Client for each call, never closed.
const { Client } = require('undici')
const { startPeer } = require('../peers/start.js')

let peer

async function ask(path) { // the leak
  const client = new Client(`http://127.0.0.1:${peer.port}`, { keepAliveTimeout: 600_000, keepAliveMaxTimeout: 600_000 })
  const { body } = await client.request({ method: 'GET', path })
  return body.json()
}

async function setup() {
  peer = await startPeer('http')
}

async function round(number) {
  for (let i = 0; i < 8; i++) await Promise.all(Array.from({ length: 8 }, (_, k) => ask(`/${number}/${i}/${k}`)))
}

module.exports = {
  leaks: { cause: 'connection', class: ['Client', 'Socket', 'TCP'], holder: /./ },
  setup,
  round,
}
