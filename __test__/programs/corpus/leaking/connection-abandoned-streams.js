'use strict'
// A download is looked at until its first bytes are known, and then neither read nor destroyed.
const http = require('node:http')
const { once } = require('node:events')
const { startPeer } = require('../peers/start.js')

let peer

async function firstBytes(path) { // the leak
  const request = http.get({ host: '127.0.0.1', port: peer.port, path, agent: false })
  const [response] = await once(request, 'response')
  await once(response, 'readable')
  return response.read(16)
}

async function setup() {
  peer = await startPeer('http')
}

async function round(number) {
  for (let i = 0; i < 8; i++) await Promise.all(Array.from({ length: 8 }, (_, k) => firstBytes(`/large/${number}/${i}/${k}`)))
}

module.exports = {
  leaks: { cause: 'connection', class: ['IncomingMessage', 'ClientRequest', 'Socket', 'TCP', 'HTTPParser'], holder: /./ },
  setup,
  round,
}
