'use strict'
// An app that is asked at its control socket: it holds objects of a class to be counted, and can be busy, have workers, and start programs.
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')

class Planted {}
const PLANTED = 1234

/** What a program inherits, as its own shell sees it. */
async function inherited() {
  const child = spawn('sh', ['-c', 'ls -l /proc/$$/fd'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (more) => (text += more))
  await once(child, 'close')
  return text
}

if (isMainThread) {
  const planted = Array.from({ length: PLANTED }, () => new Planted())
  const events = []
  require('./app.js').serve(({ hunt, options }) => {
    for (const type of ['snapshot', 'census', 'skipped']) hunt?.on(type, ({ id, reason = null, code = null }) => events.push({ type, id, reason, code }))
    return {
      planted: () => planted.length,
      events: () => events,
      /** Never answers anything again. */
      spin() {
        for (let sink = null; ; ) sink = { sink: sink === null }
      },
      inherited,
      /** Starts a worker with a recorder of its own; answers with its threadId. */
      async work(dir) {
        const worker = new Worker(__filename, { workerData: { options: { ...options, dir } } })
        const [threadId] = await once(worker, 'message')
        return threadId
      },
    }
  })
} else {
  const planted = Array.from({ length: 77 }, () => new Planted())
  require('../../js/index.js').start(workerData.options)
  setInterval(() => planted.length, 1000)
  parentPort.postMessage(require('node:worker_threads').threadId)
}
