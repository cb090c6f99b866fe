'use strict'
// Connects for a query, and calls end() only when there was nothing to be found.
const { Client } = require('pg')
const { startPeer } = require('../peers/start.js')

let peer

async function query(text) { // the leak
  const client = new Client({ host: '127.0.0.1', port: peer.port, user: 'app', database: 'shop' })
  await client.connect()
  const { rows } = await client.query(text)
  if (rows.length === 0) await client.end()
  return rows
}

async function setup() {
  peer = await startPeer('postgres')
}

async function round(number) {
  for (let i = 0; i < 8; i++) await Promise.all(Array.from({ length: 8 }, (_, k) => query(`select ${number}${i}${k}`)))
}

module.exports = {
  leaks: { cause: 'connection', class: ['Client', 'Socket', 'TCP', 'Connection'], holder: /./ },
  setup,
  round,
}
