'use strict'
// Takes a snapshot while a function has an array in hand that nothing else has: node on-stack.js DIR.
const leakhunt = require('../../js/index.js')

const LONGEST_MS = 60_000

class InHand {}

function work(isOver) {
  const inHand = [new InHand(), new InHand()]
  const end = performance.now() + LONGEST_MS
  let sum = 0
  while (!isOver() && performance.now() < end) sum += inHand.length
  return [sum, inHand]
}

const fs = require('node:fs')
const [, , dir] = process.argv
const hunt = leakhunt.start({ dir, rules: [], growth: false, hunt: false, control: false, limits: { minFreeDiskBytes: 0 }, capture: { engine: 'pages', nice: 0 } })
hunt.snapshot().then(({ path }) => {
  hunt.stop()
  process.stdout.write(JSON.stringify({ path }))
})
work(() => fs.readdirSync(dir).some((name) => name.endsWith('.heapsnapshot.zst')))
