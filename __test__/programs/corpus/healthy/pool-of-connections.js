'use strict'
// A pool that opens connections as they are needed, up to its bound, and keeps them.
const { Pool } = require('pg')
const { startPeer } = require('../peers/start.js')

let pool

async function setup() {
  const peer = await startPeer('postgres')
  pool = new Pool({ host: '127.0.0.1', port: peer.port, user: 'app', database: 'shop', max: 30, idleTimeoutMillis: 0 })
}

async function round(number) {
  const atOnce = 12 * (number + 1)
  for (let i = 0; i < 6; i++) await Promise.all(Array.from({ length: atOnce }, (_, k) => pool.query(`select ${i}${k}`)))
}

module.exports = { setup, round }
