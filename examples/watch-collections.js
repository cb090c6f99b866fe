'use strict'
// What the garbage collector does to a busy program, without a hold on the hunt: node examples/watch-collections.js
const { subscribe } = require('node:diagnostics_channel')
const leakhunt = require('leakhunt')

const hunt = leakhunt.start({ intervalMs: 100, growth: false, rules: [] })
const pauses = new Map()

subscribe('leakhunt:gc', ({ kind, durationMs }) => {
  const { count, ms } = pauses.get(kind) ?? { count: 0, ms: 0 }
  pauses.set(kind, { count: count + 1, ms: ms + durationMs })
})

let rounds = 0
const work = setInterval(() => {
  Array.from({ length: 100_000 }, (_, i) => ({ i, text: `item ${i}` }))
  if (++rounds < 100) return
  clearInterval(work)
  hunt.stop()
  for (const [kind, { count, ms }] of pauses) console.log(`${kind}: ${count} times, ${ms.toFixed(1)} ms together`)
}, 10)
