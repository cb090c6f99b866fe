'use strict'
// A keep-alive agent for each call instead of one for all: each holds its socket open for a second call that never comes.
const http = require('node:http')
const { startPeer } = require('../peers/start.js')

let peer

async function ask(path) { // the leak
  const agent = new http.Agent({ keepAlive: true })
  const request = http.get({ host: '127.0.0.1', port: peer.port, path, agent })
  const [response] = await require('node:events').once(request, 'response')
  let body = ''
  for await (const chunk of response) body += chunk
  return JSON.parse(body)
}

async function setup() {
  peer = await startPeer('http')
}

async function round(number) {
  for (let i = 0; i < 8; i++) await Promise.all(Array.from({ length: 8 }, (_, k) => ask(`/${number}/${i}/${k}`)))
}

module.exports = {
  leaks: { cause: 'connection', class: ['Agent', 'Socket', 'TCP'], holder: /./ },
  setup,
  round,
}
