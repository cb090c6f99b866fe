'use strict'
// A hunt that is talked to: tells every event as one line of JSON, and does what it reads on stdin, word by word.
// Its arguments are the options of start(), as JSON, and how many objects it holds.
const readline = require('node:readline')
const leakhunt = require('../../js/index.js')

const [, , options, count = '0', deliver = ''] = process.argv
const kept = Array.from({ length: Number(count) }, (_, i) => ({ i }))
const tell = (what) => console.log(JSON.stringify(what))

/** Functions for `deliver`, which JSON cannot carry. */
const handlers = {
  fails: ({ path, attempt }) => {
    tell({ type: 'handed', path, attempt })
    throw new Error('no such bucket')
  },
  fails_once: async ({ path, sidecar, attempt }) => {
    tell({ type: 'handed', path, sidecar, attempt })
    if (attempt === 1) throw new Error('try again')
  },
  hangs: ({ path, attempt, signal }) => {
    tell({ type: 'handed', path, attempt })
    return new Promise(() => signal.addEventListener('abort', () => tell({ type: 'aborted', code: signal.reason.code })))
  },
}

const settings = JSON.parse(options)
if (deliver !== '') settings.deliver = { ...settings.deliver, handler: handlers[deliver] }
const hunt = leakhunt.start(settings)
hunt.on('snapshot', (event) => tell({ type: 'snapshot', ...event }))
hunt.on('skipped', (event) => tell({ type: 'skipped', ...event }))
hunt.on('error', ({ code, message, figures }) => tell({ type: 'error', code, message, figures }))
hunt.once('sample', () => tell({ type: 'sample' }))
hunt.on('sample', () => kept.push(...Array.from({ length: 100 }, (_, i) => ({ i }))))

const words = {
  snapshot: () => hunt.snapshot({ reason: 'asked' }).catch(() => {}),
  stop: () => hunt.stop(),
  exit: () => process.exit(0),
  samples: () => hunt.once('sample', () => tell({ type: 'sample' })),
  count: () => tell({ type: 'count', kept: kept.length }),
}
readline.createInterface({ input: process.stdin }).on('line', (word) => words[word]())
