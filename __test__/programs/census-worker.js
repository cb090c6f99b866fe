'use strict'
// Counts the objects of a worker, and of the main thread, each of which has planted its own class: node census-worker.js DIR
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')
const leakhunt = require('../../js/index.js')

class PlantedInMain {}
class PlantedInWorker {}

async function count(dir) {
  const hunt = leakhunt.start({ dir, hunt: false, rules: [] })
  const { classes, totalBytes, heapUsedBytes, unnamedBytes } = await hunt.census()
  hunt.stop()
  const of = (name) => classes.find((each) => each.name === name && each.kind === 'object')?.count ?? 0
  return { main: of('PlantedInMain'), worker: of('PlantedInWorker'), totalBytes, heapUsedBytes, unnamedBytes }
}

async function main() {
  const [dir] = process.argv.slice(2)
  globalThis.kept = Array.from({ length: 3000 }, () => new PlantedInMain())
  const worker = new Worker(__filename, { workerData: { dir } })
  const inWorker = await new Promise((resolve, reject) => worker.once('error', reject).once('message', resolve))
  const inMain = await count(dir)
  worker.postMessage('end')
  process.stdout.write(JSON.stringify({ inMain, inWorker }))
}

async function work({ dir }) {
  globalThis.kept = Array.from({ length: 4000 }, () => new PlantedInWorker())
  parentPort.postMessage(await count(dir))
  // Its pages are there while the main thread is counted.
  parentPort.once('message', () => {})
}

if (isMainThread) main()
else work(workerData)
