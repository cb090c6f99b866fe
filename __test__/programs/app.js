'use strict'
// An app that a test talks with over IPC: it does what it is told, one verb a message, and answers each. Other programs add verbs.
const { on } = require('node:events')

const [, , orders] = process.argv
const { options, count } = JSON.parse(orders)

/** Ways to end. Each is a matter of the app's, and what leakhunt does must not change how it looks from outside. */
const ENDS = {
  exit: () => process.exit(7),
  abort: () => process.abort(),
  throw: () =>
    process.nextTick(() => {
      throw new Error('on purpose')
    }),
}

async function serve(addVerbs = () => ({})) {
  const held = Array.from({ length: count }, (_, i) => ({ i, text: `item ${i}` }))
  // Without options it is an app that knows nothing of leakhunt.
  const hunt = options === null ? null : require('../../js/index.js').start(options)
  const errors = []
  hunt?.on('error', ({ code, message }) => errors.push({ code, message }))
  const verbs = {
    /** The details, or the error's. */
    snapshot: () => hunt.snapshot().catch(({ code, message, figures }) => ({ code, message, figures })),
    end: (how) => ENDS[how](),
    stop: () => hunt.stop(),
    errors: () => errors,
    /** How many objects it holds; an answer also shows that the event loop turns. */
    count: () => held.length,
    ...addVerbs({ hunt, options }),
  }
  process.on('disconnect', () => process.exit())
  process.send({ ready: true })
  for await (const [{ id, verb, value }] of on(process, 'message')) {
    // Not awaited: one verb may take long, and others are asked for meanwhile.
    Promise.resolve(verbs[verb](value)).then((answer) => process.send({ id, answer: answer ?? null }))
  }
}

module.exports = { serve }
if (require.main === module) serve()
