'use strict'
// Writes a snapshot with one of everything that `inspect` tells, and prints where it is and what was planted.
const path = require('node:path')
const vm = require('node:vm')
const { writeHeapSnapshot } = require('node:v8')

class PlantedSession {
  constructor(i) {
    this.token = `planted-token-${i}`
    this.options = { plantedFirst: `a${i}`, plantedSecond: `b${i}` }
  }
}

const sessions = Array.from({ length: 30 }, (_, i) => new PlantedSession(i))

function plantedListener(session) {
  return function plantedTick() {
    return session.token
  }
}

globalThis.planted = {
  sessions,
  listener: plantedListener(sessions[7]),
  // The same text a hundred times over, each a string of its own.
  copies: Array.from({ length: 100 }, () => Buffer.from('planted copy of one text').toString()),
  evil: 'planted \x1b]0;owned\x07\u202e evil',
  // A context that nobody has any more but its own function.
  left: vm.runInContext('(function plantedLeft() {})', vm.createContext({ plantedSandbox: true })),
  used: vm.createContext({ plantedUsed: true }),
}

process.stdout.write(JSON.stringify({ file: writeHeapSnapshot(path.join(process.argv[2], 'planted.heapsnapshot')) }))
