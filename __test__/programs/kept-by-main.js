'use strict'
// A few large buffers in a variable that nothing holds but the function that is waiting for a snapshot.
const leakhunt = require('../../js/index.js')

async function main() {
  const kept = []
  const hunt = leakhunt.start({ dir: process.argv[2], rules: [], growth: false, capture: { nice: 0 } })
  const paths = []
  for (let i = 0; i < 3; i++) {
    kept.push(Buffer.alloc(4 * 1024 * 1024, 1))
    paths.push((await hunt.snapshot()).path)
  }
  hunt.stop()
  process.stdout.write(JSON.stringify({ paths, kept: kept.length }))
}

main()
