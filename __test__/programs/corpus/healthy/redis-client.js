'use strict'
// One client, thousands of commands that wait their turn in its queue and are answered.
const { createClient } = require('redis')
const { startPeer } = require('../peers/start.js')

let client

async function setup() {
  const { port } = await startPeer('redis')
  client = createClient({ socket: { host: '127.0.0.1', port } })
  await client.connect()
}

async function round(number) {
  const keys = Array.from({ length: 400 + 200 * number }, (_, i) => `key ${number}.${i}`)
  await Promise.all(keys.map((key) => client.set(key, `value of ${key}`)))
  return (await Promise.all(keys.map((key) => client.get(key)))).length
}

module.exports = { setup, round }
