'use strict'
// Takes three snapshots of a heap that has something odd of every sort, or of one that only looks like it:
// oddities.js DIR odd|alike each|once REDACT. With `each` there is as much again before every snapshot.
const path = require('node:path')
const leakhunt = require('../../js/index.js')

async function main([dir, sort, when, redact]) {
  const { add, held } = require(path.join(__dirname, 'oddities', `${sort}.js`))
  const hunt = leakhunt.start({ dir, rules: [], growth: false, redact: redact === 'true', limits: { minFreeDiskBytes: 0 }, capture: { nice: 0 } })
  const paths = []
  for (let round = 0; round < 3; round++) {
    if (round === 0 || when === 'each') add(round)
    paths.push((await hunt.snapshot()).path)
  }
  hunt.stop()
  process.stdout.write(JSON.stringify({ paths, held: held() }), () => process.exit())
}

main(process.argv.slice(2))
