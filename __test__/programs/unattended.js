'use strict'
// A service whose heap grows while nobody looks on: tells the events of its hunt as lines of JSON, and does what it reads on stdin, word by word.
// Its argument are the options of start(), as JSON.
const readline = require('node:readline')
const v8 = require('node:v8')
const vm = require('node:vm')
const leakhunt = require('../../js/index.js')

v8.setFlagsFromString('--expose-gc')
const gc = vm.runInNewContext('gc')

const STEP_MS = 50
const ORDERS_A_STEP = 250
const LINES = 1000

class Order {
  constructor(number) {
    this.note = `order ${number} for somebody@example.com`
    this.lines = Array.from({ length: LINES }, (_, i) => i + 0.5)
  }
}

const orders = []

function take(count) {
  for (let i = 0; i < count; i++) orders.push(new Order(orders.length))
}

const [, , options] = process.argv
const tell = (what) => console.log(JSON.stringify(what))
const hunt = leakhunt.start(JSON.parse(options))
for (const type of ['snapshot', 'skipped', 'leak', 'stood-down']) hunt.on(type, (event) => tell({ type, ...event }))
hunt.on('error', ({ code, message, figures }) => tell({ type: 'error', code, message, figures }))
require('node:diagnostics_channel').subscribe('leakhunt:leak', ({ fingerprint }) => tell({ type: 'channel', fingerprint }))
hunt.once('sample', () => tell({ type: 'sample' }))

let left = 0
const growing = setInterval(() => {
  if (left > 0) {
    left--
    take(ORDERS_A_STEP)
  }
  gc()
}, STEP_MS)

const words = {
  grow: (steps) => (left += Number(steps)),
  exit: () => process.exit(0),
  stop: () => hunt.stop(),
  leave: () => {
    clearInterval(growing)
    process.stdin.destroy()
  },
}
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const [word, ...rest] = line.split(' ')
  words[word](...rest)
})
