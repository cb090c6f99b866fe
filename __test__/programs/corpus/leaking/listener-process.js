'use strict'
// Each worker pool wants to be shut down with the process, and says so for itself; the pool goes, its listener stays.
class WorkerPool {
  constructor(name) {
    this.name = name
    this.slots = new Array(4).fill(null)
    process.on('SIGTERM', () => this.close()) // the leak
  }

  run(task) {
    this.slots[task % 4] = `${this.name} ran ${task}`
  }

  close() {
    this.slots.length = 0
  }
}

function setup() {
  process.setMaxListeners(0)
}

function round(number) {
  for (let i = 0; i < 150; i++) new WorkerPool(`pool ${number}.${i}`).run(i)
}

module.exports = { leaks: { cause: 'listener', class: 'WorkerPool', holder: 'process' }, setup, round }
