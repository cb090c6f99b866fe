'use strict'
// Runs one of programs/causes/*.js: some work, a snapshot, three times over. Each of them leaks in a few ways and does healthy
// work that looks like it.
const path = require('node:path')
const leakhunt = require('../../js/index.js')

const UNITS = 150

async function main([dir, cause]) {
  const { work, settle } = require(path.join(__dirname, 'causes', `${cause}.js`))
  const hunt = leakhunt.start({ dir, rules: [], growth: false, limits: { minFreeDiskBytes: 0 }, capture: { nice: 0 } })
  const paths = []
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < UNITS; i++) await work(round * UNITS + i)
    await settle?.()
    paths.push((await hunt.snapshot()).path)
  }
  hunt.stop()
  process.stdout.write(JSON.stringify({ paths }), () => process.exit())
}

main(process.argv.slice(2))
