'use strict'
// How long does the event loop stand still while a heap snapshot is taken, and what is that made of? leakhunt's forked capture against a bare fork() and
// against v8.writeHeapSnapshot(), all of them in one process and one run, for live heaps of several sizes.
//
//   npm run bench:pause [-- --sizes 50,300,1000] [--node /path/to/node] [--rounds 5]

const { execFileSync, spawn } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const v8 = require('node:v8')
const { parseArgs } = require('node:util')
const { grow } = require('./items.js')

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '50,300,1000' },
    rounds: { type: 'string', default: '5' },
    node: { type: 'string', default: process.execPath },
    measure: { type: 'string' },
    addon: { type: 'string' },
  },
})

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1]
const spread = (list) => `${median(list).toFixed(1)} (${Math.max(...list).toFixed(1)})`
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

function compare() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-bench-'))
  process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
  const addon = path.join(folder, 'bare-fork.node')
  execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', addon, path.join(__dirname, 'bare-fork.c')], { stdio: 'inherit' })
  const version = execFileSync(values.node, ['--version'], { encoding: 'utf8' }).trim()
  const machine = `${os.cpus().length} x ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release()}`
  console.log(`${machine}, Node ${version}, ${new Date().toISOString().slice(0, 10)}`)
  console.log(`Milliseconds: the median of ${values.rounds} rounds (and the longest); the in-process snapshot once.\n`)
  const rows = values.sizes.split(',').map((size) => {
    const args = ['--max-old-space-size=8192', '--expose-gc', __filename, '--measure', size, '--rounds', values.rounds, '--addon', addon]
    return JSON.parse(execFileSync(values.node, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }))
  })
  table(
    ['live heap', 'pauseMs', 'check', 'pages shown', 'fork', 'pages hidden', 'a bare fork()', 'pauseMs / bare', "the loop's turn", 'v8.writeHeapSnapshot()', 'times the turn'],
    rows.map((row) => [
      `${row.heapMB} MB`,
      spread(row.pauseMs),
      ...['checkMs', 'showMs', 'forkMs', 'hideMs'].map((part) => median(row[part]).toFixed(2)),
      spread(row.bare),
      (median(row.pauseMs) / median(row.bare)).toFixed(2),
      spread(row.turn),
      Math.round(row.inProcess).toLocaleString('en'),
      Math.round(row.inProcess / median(row.turn)).toLocaleString('en'),
    ]),
  )
  table(
    ['live heap', 'nothing under way', 'in the second after the fork', 'until the file is there', 'as long beside another busy program', 'captured in'],
    rows.map((row) => [`${row.heapMB} MB`, ...['idle', 'second', 'rest', 'beside'].map((name) => spread(row[name])), `${(median(row.durationMs) / 1e3).toFixed(1)} s`]),
  )
}

function table(head, rows) {
  for (const cells of [head, head.map(() => '---'), ...rows]) console.log(`| ${cells.join(' | ')} |`)
  console.log()
}

/** The turns of a loop that is always turning while `during` is under way, `[start, length]` in ms, oldest first; short ones are left out. */
async function turnsDuring(during) {
  const turns = []
  let over = false
  let last = performance.now()
  const begin = last
  const turning = new Promise((resolve) => {
    const turn = () => {
      const now = performance.now()
      if (now - last > 0.5) turns.push([last - begin, now - last])
      last = now
      if (over) resolve()
      else setImmediate(turn)
    }
    setImmediate(turn)
  })
  const result = await during()
  over = true
  await turning
  return { turns, result }
}

const longest = (turns) => Math.max(0, ...turns.map(([, length]) => length))

async function measure(megabytes, rounds) {
  const leakhunt = require('..')
  const bareFork = require(values.addon)
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-bench-'))
  process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }))
  const keep = grow(megabytes)
  const hunt = leakhunt.start({ dir, rules: [], growth: false, limits: { minFreeDiskBytes: 0 } })
  const names = ['pauseMs', 'checkMs', 'showMs', 'forkMs', 'hideMs', 'durationMs', 'bare', 'turn', 'idle', 'second', 'rest', 'beside']
  const row = { heapMB: Math.round(v8.getHeapStatistics().used_heap_size / 1e6), ...Object.fromEntries(names.map((name) => [name, []])) }
  await turnsDuring(() => sleep(300))
  for (let round = 0; round < rounds; round++) {
    const { turns: idle } = await turnsDuring(() => sleep(1000))
    row.idle.push(longest(idle))
    row.bare.push(bareFork())
    await sleep(200)
    const { turns, result } = await turnsDuring(() => hunt.snapshot({ reason: 'bench' }))
    const { pauseMs, pauseParts, durationMs, path: file, sidecar } = result
    for (const each of [file, sidecar]) fs.rmSync(each)
    // The visit falls into one turn: the first that is at least as long.
    const at = turns.findIndex(([, length]) => length >= pauseMs)
    const [start, turn] = turns[at]
    const after = turns.slice(at + 1)
    row.turn.push(turn)
    row.second.push(longest(after.filter(([begin]) => begin < start + turn + 1000)))
    row.rest.push(longest(after.filter(([begin]) => begin >= start + turn + 1000)))
    for (const [name, value] of Object.entries({ pauseMs, durationMs, ...pauseParts })) row[name].push(value)
    row.beside.push(await besideAnother(Math.min(durationMs, 10_000)))
  }
  const { turns } = await turnsDuring(async () => {
    await sleep(50)
    v8.writeHeapSnapshot(path.join(dir, 'in-process.heapsnapshot'))
  })
  row.inProcess = longest(turns)
  hunt.stop()
  if (keep.length === 0) throw new Error('the heap went away')
  console.log(JSON.stringify(row))
  process.exit(0)
}

/** The longest turn beside a program of the niceness of the capture child that never rests and forks nothing: what of a capture is only the other program's CPU. */
async function besideAnother(ms) {
  const other = spawn('nice', ['-n', '19', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' })
  await sleep(200)
  const { turns } = await turnsDuring(() => sleep(ms))
  other.kill('SIGKILL')
  return longest(turns)
}

if (values.measure) measure(Number(values.measure), Number(values.rounds))
else compare()
