'use strict'
// The main thread, captured beside workers that have objects of the same classes: theirs are not to be counted.
const { once } = require('node:events')
const { Worker, MessageChannel } = require('node:worker_threads')
const { many } = require('./many.js')

class PlantedTask {
  constructor(number) {
    this.number = number
    this.payload = { text: `task ${number}` }
  }
}

const INSIDE = `
class PlantedTask { constructor(number) { this.number = number; this.payload = { text: 'worker ' + number } } }
globalThis.kept = Array.from({ length: 5000 }, (_, number) => new PlantedTask(number))
require('node:worker_threads').parentPort.on('message', ({ port, memory }) => { globalThis.port = port; globalThis.memory = memory }).postMessage('up')
`

module.exports = async () => {
  const workers = many(2, () => new Worker(INSIDE, { eval: true }))
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const memory = new SharedArrayBuffer(1 << 16)
  const channels = workers.map((worker) => {
    const { port1, port2 } = new MessageChannel()
    worker.postMessage({ port: port2, memory }, [port2])
    return port1
  })
  for (const each of [...workers, ...channels]) each.unref()
  return { workers, channels, memory, tasks: many(3000, (number) => new PlantedTask(number)) }
}
