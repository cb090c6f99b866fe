'use strict'
// A pool of PostgreSQL clients with queries that were answered, some connections checked out, and a queue of those that wait for one.
const { many, fromCorpus } = require('./many.js')
const { startPeer } = require('../corpus/peers/start.js')

class PlantedRow {
  constructor(row, number) {
    Object.assign(this, row)
    this.number = number
  }
}

module.exports = async () => {
  const { Pool } = fromCorpus('pg')
  const peer = await startPeer('postgres')
  const pool = new Pool({ host: '127.0.0.1', port: peer.port, user: 'u', password: 'p', database: 'd', max: 8 })
  const rows = []
  for (let round = 0; round < 30; round++) {
    const answers = await Promise.all(many(8, (at) => pool.query(`select '${round}-${at}'`)))
    for (const answer of answers) rows.push(new PlantedRow(answer.rows[0], rows.length))
  }
  const held = await Promise.all(many(8, () => pool.connect()))
  const queue = many(20, () => pool.connect())
  return { peer, pool, rows, held, queue }
}
