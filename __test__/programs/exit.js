'use strict'
// Ends in the middle of a capture, in the way that its argument says.
const leakhunt = require('../../js/index.js')
const { until } = require('../program.js')
const fs = require('node:fs')

const [, , dir, how] = process.argv
const kept = Array.from({ length: 200_000 }, (_, i) => ({ i }))
const hunt = leakhunt.start({ dir, rules: [], growth: false, capture: { nice: 0 } })
hunt.snapshot().catch(({ code }) => console.log(code))

const ends = {
  exit: () => process.exit(7),
  stop: () => hunt.stop(),
  throw: () => {
    throw new Error('on purpose')
  },
  kill: () => process.kill(process.pid, 'SIGKILL'),
}

// The child makes the file, so from here on it needs nobody; if it dies early it takes the file along.
const begun = () => fs.readdirSync(dir).some((file) => file.endsWith('.partial'))
until(begun, 'the capture to begin').then(() => setImmediate(ends[how], kept))
