'use strict'
// An app that counts what its recorder tells it.
const { serve } = require('./app.js')

serve(({ hunt }) => {
  const told = { samples: 0, snapshots: 0, lastTimestampMs: 0, errors: [] }
  hunt.on('sample', ({ timestamp }) => {
    told.samples++
    told.lastTimestampMs = timestamp
  })
  hunt.on('snapshot', () => told.snapshots++)
  hunt.on('error', ({ code, message }) => told.errors.push({ code, message }))
  return { told: () => told }
})
