'use strict'
// How long does the event loop stand still while a heap snapshot is taken? leakhunt's forked capture against v8.writeHeapSnapshot(), the two of them
// and an idle window in one process and one run, for live heaps of several sizes.
//
//   npm run bench:pause [-- --sizes 50,150,300] [--node /path/to/node] [--rounds 3]

const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const v8 = require('node:v8')
const { parseArgs } = require('node:util')

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '50,150,300' },
    rounds: { type: 'string', default: '3' },
    node: { type: 'string', default: process.execPath },
    measure: { type: 'string' },
  },
})

function compare() {
  const sizes = values.sizes.split(',').map(Number)
  const version = execFileSync(values.node, ['--version'], { encoding: 'utf8' }).trim()
  console.log(`${os.cpus().length} x ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release()}, Node ${version}, ${new Date().toISOString().slice(0, 10)}`)
  console.log('Longest stop of the event loop in ms: median of the rounds (and the longest); the in-process snapshot once.\n')
  console.log('| live heap | nothing | hunt.snapshot() | reported pauseMs | v8.writeHeapSnapshot() | times shorter | captured in |')
  console.log('|---|---|---|---|---|---|---|')
  for (const size of sizes) {
    const args = ['--max-old-space-size=4096', '--expose-gc', __filename, '--measure', String(size), '--rounds', values.rounds]
    const row = JSON.parse(execFileSync(values.node, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }))
    const spread = (list) => `${median(list).toFixed(1)} (${Math.max(...list).toFixed(1)})`
    const ratio = Math.round(row.inProcess / median(row.forked))
    console.log(
      `| ${row.heapMB} MB | ${spread(row.idle)} | ${spread(row.forked)} | ${spread(row.reported)} | ${Math.round(row.inProcess).toLocaleString('en')} | ${ratio.toLocaleString('en')} | ${(median(row.duration) / 1e3).toFixed(1)} s |`,
    )
  }
}

class Item {
  constructor(i) {
    this.id = i
    this.name = `item-${i}`
    this.date = new Date(i)
    this.tags = [i, i + 1]
    this.read = () => this.id
  }
}

async function measure(megabytes, rounds) {
  const leakhunt = require('..')
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-bench-'))
  process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }))
  const keep = []
  while (v8.getHeapStatistics().used_heap_size < megabytes * 1e6) {
    for (let i = 0; i < 1000; i++) keep.push(new Item(keep.length))
    if (keep.length % 50_000 === 0) global.gc()
  }
  global.gc()
  const hunt = leakhunt.start({ dir, limits: { minFreeDiskBytes: 0 }, capture: { nice: 0 } })
  const row = { heapMB: Math.round(v8.getHeapStatistics().used_heap_size / 1e6), idle: [], forked: [], reported: [], duration: [] }
  await longestStop(() => sleep(300))
  for (let round = 0; round < rounds; round++) {
    row.idle.push(await longestStop(() => sleep(1000)))
    row.forked.push(
      await longestStop(async () => {
        const taken = await hunt.snapshot({ reason: 'bench' })
        row.reported.push(taken.pauseMs)
        row.duration.push(taken.durationMs)
        fs.rmSync(taken.path)
      }),
    )
  }
  row.inProcess = await longestStop(async () => {
    await sleep(50)
    v8.writeHeapSnapshot(path.join(dir, 'in-process.heapsnapshot'))
  })
  hunt.stop()
  if (keep.length === 0) throw new Error('the heap went away')
  console.log(JSON.stringify(row))
  process.exit(0)
}

/** The longest time between two turns of a loop that is always turning, while `during` is under way. */
async function longestStop(during) {
  let longest = 0
  let over = false
  let last = performance.now()
  const turning = new Promise((resolve) => {
    const turn = () => {
      const now = performance.now()
      if (now - last > longest) longest = now - last
      last = now
      if (over) resolve()
      else setImmediate(turn)
    }
    setImmediate(turn)
  })
  await during()
  over = true
  await turning
  return longest
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1]

if (values.measure) measure(Number(values.measure), Number(values.rounds))
else compare()
