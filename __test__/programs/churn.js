'use strict'
// Takes snapshot after snapshot, or census after census, while the process is busy in the ways that its third argument names, then looks at what is left of them:
// node churn.js DIR COUNT [KINDS] [snapshot|census].
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const zlib = require('node:zlib')
const { execFile } = require('node:child_process')
const { promisify } = require('node:util')
const { Worker, isMainThread } = require('node:worker_threads')
const leakhunt = require('../../js/index.js')
const { until } = require('../program.js')

const gzip = promisify(zlib.gzip)
const run = promisify(execFile)
const [, , dir, count, kinds = 'heap,zlib,fs', what = 'snapshot'] = process.argv

let going = true

async function allocate() {
  const window = []
  while (going) {
    for (let i = 0; i < 2_000; i++) window.push({ i, text: `item ${i}`, list: [i, { i }] })
    if (window.length > 20_000) window.splice(0, 10_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function compress() {
  const input = Buffer.alloc(256 * 1024, 'leakhunt ')
  while (going) await gzip(input)
}

async function writeAndRead(number) {
  const file = path.join(os.tmpdir(), `leakhunt-churn-${process.pid}-${number}`)
  while (going) {
    await fs.promises.writeFile(file, 'x'.repeat(100_000))
    await fs.promises.readFile(file)
  }
  await fs.promises.rm(file)
}

async function isolate() {
  const worker = new Worker(__filename)
  while (going) await new Promise((resolve) => setTimeout(resolve, 10))
  await worker.terminate()
}

async function spawn() {
  while (going) await run('true')
}

const WORK = {
  heap: () => [allocate()],
  zlib: () => [compress(), compress()],
  fs: () => [writeAndRead(1), writeAndRead(2)],
  workers: () => [isolate(), isolate()],
  spawn: () => [spawn()],
}

const descriptors = () => fs.readdirSync('/proc/self/fd').length
const threads = () => fs.readdirSync('/proc/self/task').length

/** Every process whose parent we are, zombies included: `name state`. */
function children() {
  const found = []
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(parent) === process.pid) found.push(`${pid} ${state}`)
    } catch {
      // It ended while we looked.
    }
  }
  return found
}

/** One of `what`, told in the same words. Each has what leakhunt plants looked at, and is refused where that is not right. */
const TAKE = {
  async snapshot(hunt, reason, keep) {
    const { path: file, sidecar, engine, attempts, visits, pauseMs } = await hunt.snapshot({ reason })
    if (!keep) for (const each of [file, sidecar]) fs.rmSync(each)
    return { engine, attempts, visits, pauseMs }
  },
  async census(hunt) {
    const { attempts, visits, pauseMs } = await hunt.census({ maxClasses: 10 })
    return { engine: 'pages', attempts, visits, pauseMs }
  },
}

async function main() {
  const hunt = leakhunt.start({ dir, rules: [], growth: false, capture: { nice: 0 } })
  await fs.promises.readFile(__filename)
  await gzip('warm')
  // The first of its kind opens descriptors that Node keeps.
  if (kinds.includes('spawn')) await run('true')
  if (kinds.includes('workers')) await new Worker('', { eval: true }).terminate()
  const before = { descriptors: descriptors(), threads: threads() }
  const work = kinds.split(',').flatMap((kind) => WORK[kind]())

  const taken = []
  const refused = []
  const rssBytes = []
  for (let i = 0; i < Number(count); i++) {
    try {
      // The last one is looked at by the test.
      taken.push(await TAKE[what](hunt, `churn ${i}`, i === Number(count) - 1))
    } catch ({ code, message }) {
      refused.push({ code, message })
    }
    rssBytes.push(process.memoryUsage.rss())
  }
  going = false
  await Promise.all(work)
  const after = () => ({ descriptors: descriptors(), threads: threads() })
  const settled = () => after().descriptors <= before.descriptors && after().threads <= before.threads && children().length === 0
  await until(settled, () => `${JSON.stringify(before)} -> ${JSON.stringify(after())}, children ${children()}`)
  hunt.stop()
  const partial = fs.readdirSync(dir).filter((file) => file.endsWith('.partial'))
  process.stdout.write(JSON.stringify({ taken, refused, partial, children: children(), rssBytes }))
}

if (isMainThread) main()
else allocate()
