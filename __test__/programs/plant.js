'use strict'
// Plants objects that a snapshot must have, takes one, and tells what came of it.
const leakhunt = require('../../js/index.js')

class Planted {
  constructor(i) {
    this.i = i
    this.when = new Date(i)
    this.text = `planted ${i}`
  }
}

const [, , dir, count, options = '{}'] = process.argv
const kept = Array.from({ length: Number(count) }, (_, i) => new Planted(i))

async function main() {
  const hunt = leakhunt.start({ dir, capture: { nice: 0 }, labels: { service: 'test' }, ...JSON.parse(options) })
  const events = []
  hunt.on('snapshot', (event) => events.push(event))
  const details = await hunt.snapshot({ reason: 'planted' })
  const again = leakhunt.start() === hunt
  hunt.stop()
  process.stdout.write(JSON.stringify({ details, events, again, kept: kept.length }))
}

main()
