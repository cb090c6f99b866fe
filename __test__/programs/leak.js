'use strict'
// Leaks one class between three snapshots, and tells where they are.
const leakhunt = require('../../js/index.js')

class Session {
  constructor(i) {
    this.user = { name: `user ${i}` }
    this.since = new Date(i)
  }
}

const sessions = []

function open(count) {
  for (let i = 0; i < count; i++) sessions.push(new Session(i))
}

async function main() {
  const hunt = leakhunt.start({ dir: process.argv[2], rules: [], growth: false, capture: { nice: 0 } })
  const paths = []
  for (let i = 0; i < 3; i++) {
    open(1000)
    const { path } = await hunt.snapshot()
    paths.push(path)
  }
  hunt.stop()
  process.stdout.write(JSON.stringify({ paths, open: sessions.length }))
}

main()
