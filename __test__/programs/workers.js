'use strict'
// Recorders in many workers, which end in every way a worker can end; the main thread records all the while.
const { once } = require('node:events')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')
const leakhunt = require('../../js/index.js')

const [, , dir] = process.argv
const options = { intervalMs: 10, rules: [], growth: false, capture: { nice: 0 } }

/** How a worker ends. In 'terminated' it is in the middle of whatever it does. */
const ENDS = ['stops', 'returns', 'exits', 'captures', 'terminated', 'terminated while capturing', 'throws']

/** One capture at a time for the whole process: a refused one is asked for again. */
async function snapshotInTurn(hunt) {
  for (;;) {
    try {
      return await hunt.snapshot()
    } catch (error) {
      if (error.code !== 'ERR_LEAKHUNT_CAPTURE_BUSY') throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

async function inWorker() {
  const { end, to } = workerData
  const hunt = leakhunt.start({ ...options, dir: to })
  hunt.on('gc', () => {})
  const samples = once(hunt, 'sample')
  await Promise.race([samples, new Promise((resolve) => setTimeout(resolve, 5_000))])
  if (end === 'captures' || end === 'terminated while capturing') {
    if (end === 'terminated while capturing') parentPort.postMessage('now')
    const { path } = await snapshotInTurn(hunt)
    if (end === 'captures') parentPort.postMessage({ path })
  }
  if (end === 'terminated') {
    parentPort.postMessage('now')
    for (let list = []; ; list.push({})) if (list.length > 1e5) list = []
  }
  if (end === 'throws') throw new Error('on purpose')
  if (end === 'exits') process.exit(0)
  if (end === 'stops') hunt.stop()
}

async function oneWorker(end) {
  const worker = new Worker(__filename, { workerData: { end, to: dir } })
  const messages = []
  let problem = null
  worker.on('message', (message) => {
    messages.push(message)
    if (message === 'now') worker.terminate()
  })
  worker.on('error', (error) => (problem = error.message))
  const code = await new Promise((resolve) => worker.once('exit', resolve))
  return { end, code, problem, path: messages.find((message) => message.path)?.path ?? null }
}

async function main() {
  const hunt = leakhunt.start({ ...options, dir })
  const ended = []
  for (let round = 0; round < 3; round++) ended.push(...(await Promise.all(ENDS.map(oneWorker))))
  const { path } = await snapshotInTurn(hunt)
  hunt.stop()
  process.stdout.write(JSON.stringify({ ended, path }))
}

if (isMainThread) main()
else inWorker()
