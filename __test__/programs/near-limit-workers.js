'use strict'
// Workers with a heap limit of their own, each with its own recorder, that leak until Node ends them. The process goes on.
//   near-limit-workers.js DIR COUNT
const fs = require('node:fs')
const { Worker, isMainThread, workerData } = require('node:worker_threads')
const leakhunt = require('../../js/index.js')
const { until } = require('../program.js')

const LIMIT_MB = 32
const options = { intervalMs: 50, rules: [], growth: false, limits: { cooldownMs: 0, minFreeDiskBytes: 0 }, capture: { nice: 0 } }

class LeakedInWorker {
  constructor(i) {
    this.list = [i, { i }]
  }
}

function inWorker() {
  leakhunt.start({ ...options, dir: workerData.dir })
  const leaked = []
  const leak = () => {
    for (let i = 0; i < 1_000; i++) leaked.push(new LeakedInWorker(i))
  }
  // A few samples first: it is a visit that makes V8 ask.
  setTimeout(() => setInterval(leak, 1), 300)
}

async function oneWorker(dir) {
  const worker = new Worker(__filename, { workerData: { dir }, resourceLimits: { maxOldGenerationSizeMb: LIMIT_MB } })
  let error = null
  worker.on('error', ({ code }) => (error = code))
  const code = await new Promise((resolve) => worker.once('exit', resolve))
  return { code, error }
}

const children = () => fs.readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean)

async function main() {
  const [, , dir, count] = process.argv
  const ended = await Promise.all(Array.from({ length: Number(count) }, () => oneWorker(dir)))
  const atEnd = children()
  await until(() => !fs.readdirSync(dir).some((file) => file.endsWith('.partial')), () => `whole files only: ${fs.readdirSync(dir)}`, 120_000)
  await until(() => children().length === 0, () => `no child left: ${children()}`)
  process.stdout.write(JSON.stringify({ ended, atEnd, files: fs.readdirSync(dir) }))
}

if (isMainThread) main()
else inWorker()
