'use strict'
// One pool for all calls. It opens as many connections as are needed at once, which is more in the second round.
const { Pool } = require('undici')
const { startPeer } = require('../peers/start.js')

let pool

async function setup() {
  const { port } = await startPeer('http')
  pool = new Pool(`http://127.0.0.1:${port}`, { connections: 24, keepAliveTimeout: 600_000, keepAliveMaxTimeout: 600_000 })
}

async function ask(path) {
  const { body } = await pool.request({ method: 'GET', path })
  return body.json()
}

async function round(number) {
  const atOnce = 10 + 10 * Math.min(number, 2)
  for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: atOnce }, (_, k) => ask(`/${number}/${i}/${k}`)))
}

module.exports = { setup, round }
