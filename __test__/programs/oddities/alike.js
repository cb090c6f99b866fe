'use strict'
// As much of everything as in odd.js, and nothing wrong with it.
const vm = require('node:vm')
const { MESSAGES, PIECES, CONTEXTS, COPIES, CLOSURES, LINES, message, fresh } = require('./amounts.js')

const messages = []
const parts = []
const copies = []
const lines = []
const views = []
const buffers = []
const sandboxes = []
const results = []
const cities = []
const streets = []
const replies = []
const listeners = []
const log = []
const scripts = []
const texts = new Map()

class Reply {
  constructor(i) {
    this.i = i
  }
  read() {
    return this.i
  }
}

const onReply = () => () => replies.length

exports.add = function add(round) {
  for (let i = 0; i < MESSAGES / 2; i++) {
    // The whole is used too; the part is a copy; all of the text is cut into parts.
    const text = message(`${round} ${i}`, 64 << 10)
    messages.push(text)
    parts.push(text.slice(10, 60))
    copies.push(fresh(message(`${round} ${i} once`, 64 << 10).slice(10, 60)))
    lines.push(...message(`${round} ${i} in lines`, 64 << 10).match(/.{100}/g))
  }
  // All of a piece is kept; and Buffers as large as a piece, each with memory of its own.
  for (let i = 0; i < PIECES / 2; i++) {
    for (let n = 0; n < 8; n++) views.push(Buffer.allocUnsafe(Buffer.poolSize / 8))
    buffers.push(Buffer.alloc(Buffer.poolSize))
  }
  for (let i = 0; i < CONTEXTS; i++) {
    const sandbox = vm.createContext({ i })
    sandboxes.push(sandbox)
    results.push(vm.runInContext('(function result() {})', sandbox))
    results.push(vm.runInThisContext('(function result() {})'))
  }
  for (let i = 0; i < COPIES; i++) {
    // One string for all, and as many that differ in what a snapshot has of them.
    const text = fresh(`a city of the country number ${i % 2}`)
    cities.push(texts.get(text) ?? (texts.set(text, text), text))
    streets.push(fresh(`a street number ${round} ${i}`))
  }
  const listener = onReply()
  for (let i = 0; i < CLOSURES; i++) {
    replies.push(new Reply(i))
    listeners.push(listener.bind(null, i))
    // Many of one function, all of which see one scope.
    listeners.push(() => listeners.length)
  }
  for (let i = 0; i < LINES; i++) log.push(fresh(`line ${round} ${i} of a log that is kept as a string`))
  // The text of a script stays with the script.
  const source = Array.from({ length: 40 }, (_, i) => `// ${message(`${round} ${i}`, 64 << 10)}\n`).join('')
  scripts.push(vm.runInThisContext(`(function script() {\n${source}})`))
}

exports.held = () => [messages, parts, copies, lines, views, buffers, sandboxes, results, cities, streets, replies, listeners, log, scripts].map(({ length }) => length)
