'use strict'
// Preloaded into the demo's servers, which know nothing of leakhunt: records, tells the driver what happens, and takes a
// snapshot or reads the memory when the driver asks.
const leakhunt = require('../index.js')

const hunt = leakhunt.start(JSON.parse(process.env.DEMO_OPTIONS))
delete process.env.DEMO_OPTIONS

for (const event of ['threshold', 'snapshot', 'skipped', 'error']) {
  hunt.on(event, ({ code, message, ...details }) => process.send({ event, details: { ...details, code, message } }))
}

hunt.on('census', ({ growing }) => process.send({ event: 'census', details: { growing } }))

const answers = {
  snapshot: ({ reason }) => hunt.snapshot({ reason }),
  memory: () => leakhunt.heapStats(),
}

process.on('message', async ({ id, ask, ...details }) => {
  try {
    process.send({ id, answer: await answers[ask](details) })
  } catch ({ code, message }) {
    process.send({ id, problem: { code, message } })
  }
})

// The driver decides when this ends, also when it was killed: then the channel closes.
process.on('SIGINT', () => {})
process.on('disconnect', () => {
  hunt.stop()
  process.exit()
})
process.channel.unref()
