'use strict'
// Something odd of every sort. Each is held by the variable of its name.
const vm = require('node:vm')
const { MESSAGES, PIECES, CONTEXTS, COPIES, CLOSURES, LINES, message, fresh } = require('./amounts.js')

const parts = []
const headers = []
const results = []
const cities = []
const replies = []
const bodies = []
let log = ''

class Reply {
  constructor(i) {
    this.read = function read() {
      return i
    }
  }
}

exports.add = function add(round) {
  for (let i = 0; i < MESSAGES; i++) parts.push(message(`${round} ${i}`, 64 << 10).slice(10, 60))
  for (let i = 0; i < PIECES; i++) {
    headers.push(Buffer.allocUnsafe(100))
    // The rest of the piece, and a new one for the next.
    for (let half = 0; half < 2; half++) Buffer.allocUnsafe(Buffer.poolSize / 2 - 8)
  }
  for (let i = 0; i < CONTEXTS; i++) results.push(vm.runInContext('(function result() {})', vm.createContext({ i })))
  for (let i = 0; i < COPIES; i++) cities.push(fresh(`a city of the country number ${i % 2}`))
  for (let i = 0; i < CLOSURES; i++) replies.push(new Reply(i))
  bodies.push(Array.from({ length: 40 }, (_, i) => message(`${round} ${i} of a body`, 64 << 10)).join(''))
  for (let i = 0; i < LINES; i++) log += fresh(`line ${round} ${i} of a log that is kept as a string`)
}

exports.held = () => [parts, headers, results, cities, replies, bodies, log].map(({ length }) => length)
