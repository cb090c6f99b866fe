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

// Bytes in the file mean that the child is past the fork and V8 has its snapshot: from there on it needs nobody.
const writes = () => fs.readdirSync(dir).some((file) => file.endsWith('.partial') && fs.statSync(`${dir}/${file}`).size > 0)
until(writes, 'the capture to write').then(() => setImmediate(ends[how], kept))
