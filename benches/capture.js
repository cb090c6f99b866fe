'use strict'
// What a capture takes, in how small a memory cgroup it succeeds and what happens below, beside v8.writeHeapSnapshot(); how reliably the watch is faster than
// the kernel; and what requests to the app feel of the child at work. Needs root and a version 1 memory controller for all but the first and the last.
//
//   npm run bench:capture [-- --sizes 100,300,600] [--only curve,race,latency] [--races 20] [--rate 1000] [--rounds 3] [--node /path/to/node]

const { execFileSync, spawn } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const readline = require('node:readline')
const { parseArgs } = require('node:util')
const { makeGroup, subject } = require('./confined.js')

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100,300,600' },
    only: { type: 'string', default: 'curve,race,latency' },
    races: { type: 'string', default: '20' },
    rate: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    cpus: { type: 'string' },
    node: { type: 'string', default: process.execPath },
  },
})

const MB = 1e6
const mb = (bytes) => `${Math.round(bytes / MB).toLocaleString('en')} MB`
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** A process with a live heap, in `group` if there is one. */
function heapOf(megabytes, { group = null, serve = false } = {}) {
  const script = path.join(__dirname, 'capture', 'subject.js')
  return subject([values.node, '--max-old-space-size=8192', '--expose-gc', script, String(megabytes), ...(serve ? ['serve'] : [])], group)
}

const outcome = ({ taken, failed, ended }) => {
  if (taken) return `written in ${(taken.durationMs / 1e3).toFixed(0)} s`
  if (ended) return `the app is gone (${ended})`
  const figures = failed.figures ?? {}
  return figures.endedAfterMs === undefined
    ? `refused (${failed.code === 'ERR_LEAKHUNT_NO_ROOM' ? mb(figures.leftBytes) + ' left' : failed.code})`
    : `ended by the watch after ${(figures.endedAfterMs / 1e3).toFixed(0)} s`
}

/** One size: what a capture takes with all the room there is, then the smallest group, found by refusals, which cost nothing. */
async function curve(megabytes) {
  const group = makeGroup()
  const roomy = 32e9
  group.limit(roomy)
  const one = await heapOf(megabytes, { group })
  // The first is judged by the default: the limit that its refusal advises is tried.
  group.limit(Math.round(one.rss * 1.5))
  const byDefault = await one.ask('snapshot')
  const defaultLimit = byDefault.failed.figures.advisedLimitBytes
  group.limit(defaultLimit)
  const first = await one.ask('snapshot')
  if (!first.taken) throw new Error(JSON.stringify(first))
  // From the second on by what the first took.
  group.limit(Math.round(one.rss * 1.5))
  const measured = await one.ask('snapshot')
  const smallest = measured.failed.figures.advisedLimitBytes
  group.limit(Math.round(smallest * 0.95))
  const below = await one.ask('snapshot')
  group.limit(smallest)
  const again = await one.ask('snapshot')
  await one.end()
  const kills = group.kills()
  const beside = []
  for (const limit of [Math.round(smallest / 4), Math.round(smallest / 2), Math.round(smallest * 0.8), smallest]) {
    group.limit(roomy)
    const forked = await heapOf(megabytes, { group })
    group.limit(limit)
    // Judged by the default in a new process, hence refused in all of them.
    const leakhunt = outcome(await forked.ask('snapshot'))
    const answered = await forked.ask('write')
    beside.push([mb(one.heapMB * MB), mb(limit), leakhunt, answered.ended ? `the app is killed (${answered.ended})` : `written, the app stood still for ${(answered.ms / 1e3).toFixed(0)} s`])
    if (!answered.ended) await forked.end()
  }
  await group.remove()
  const { taken } = first
  return {
    taken: [
      mb(one.heapMB * MB),
      mb(one.rss),
      mb(taken.childPrivateBytes),
      (taken.childPrivateBytes / taken.heapUsedBytes).toFixed(1),
      mb(taken.rawBytes),
      mb(taken.bytes),
      `${(taken.durationMs / 1e3).toFixed(0)} s`,
    ],
    smallest: [mb(one.heapMB * MB), `${mb(defaultLimit)}: ${outcome(first)}`, `${mb(smallest)}: ${outcome(again)}`, outcome(below), kills],
    beside,
  }
}

/** Heaps that take twice what the default allows for, in a group in which what it allows for fits: who is first, the watch or the kernel? */
async function races(count) {
  const group = makeGroup()
  const script = path.join(__dirname, '..', '__test__', 'programs', 'confined.js')
  const plan = JSON.stringify({ heapMB: 20, kind: 'promises', options: { capture: { nice: 0 } } })
  const rows = []
  group.limit(400 * MB)
  for (let i = 0; i < count; i++) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-bench-'))
    const text = execFileSync('sh', ['-c', `echo $$ > ${group.dir}/tasks && exec "$@"`, 'sh', values.node, '--expose-gc', script, dir, plan], { encoding: 'utf8' })
    const { outcomes, wentOn } = JSON.parse(text)
    rows.push({ figures: outcomes[0].figures, code: outcomes[0].code, wentOn })
    fs.rmSync(dir, { recursive: true })
  }
  const kills = group.kills()
  await group.remove()
  const ended = rows.filter(({ figures }) => figures?.endedAfterMs !== undefined)
  const left = ended.map(({ figures }) => figures.leftBytes)
  return [count, ended.length, kills, rows.filter(({ wentOn }) => wentOn).length, `${mb(Math.min(...left))} to ${mb(Math.max(...left))}`, mb(ended[0]?.figures.leastBytes ?? 0)]
}

async function latency(megabytes) {
  const group = values.cpus === undefined ? null : makeGroup('cpu')
  group?.quota(Number(values.cpus))
  const server = await heapOf(megabytes, { serve: true, group })
  const load = spawn(values.node, [path.join(__dirname, 'capture', 'load.js'), String(server.port), values.rate], { stdio: ['pipe', 'pipe', 'inherit'] })
  const requests = []
  readline.createInterface({ input: load.stdout }).on('line', (line) => requests.push(line.split(' ').map(Number)))
  await sleep(5000)
  const windows = { without: [], 'in the first second': [], 'while the child works': [] }
  const pauses = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const quiet = Date.now()
    await sleep(15_000)
    windows.without.push([quiet, Date.now()])
    const begin = Date.now()
    const { taken } = await server.ask('snapshot')
    const end = Date.now()
    pauses.push(taken.pauseMs)
    windows['in the first second'].push([begin, begin + 1000])
    windows['while the child works'].push([begin, end])
    await sleep(1000)
  }
  await sleep(1000)
  load.stdin.end()
  await new Promise((resolve) => load.once('close', resolve))
  await server.end()
  await group?.remove()
  return Object.entries(windows).map(([name, spans]) => {
    const times = requests.filter(([at]) => spans.some(([from, to]) => at >= from && at < to)).map(([, ms]) => ms)
    times.sort((a, b) => a - b)
    const part = (share) => (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN).toFixed(1)
    return [name, times.length.toLocaleString('en'), part(0.5), part(0.9), part(0.99), part(0.999), part(1)]
  })
}

function table(head, rows) {
  for (const row of [head, head.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`)
  console.log()
}

async function main() {
  const only = values.only.split(',')
  const sizes = values.sizes.split(',').map(Number)
  const version = execFileSync(values.node, ['--version'], { encoding: 'utf8' }).trim()
  const machine = `${os.cpus().length} x ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release()}`
  console.log(`${machine}, Node ${version}, ${new Date().toISOString().slice(0, 10)}\n`)
  if (only.includes('curve')) {
    const all = []
    for (const size of sizes) {
      all.push(await curve(size))
      // Minutes lie between two of them.
      console.error(JSON.stringify(all.at(-1)))
    }
    table(['live heap', "the app's resident set", "the child's own memory", 'times the heap', 'text', 'file', 'time'], all.map(({ taken }) => taken))
    table(
      ['live heap', 'smallest cgroup, judged by the default', 'judged by an earlier capture', 'a twentieth below', 'processes killed'],
      all.map(({ smallest }) => smallest),
    )
    table(['live heap', 'cgroup', 'hunt.snapshot()', 'v8.writeHeapSnapshot()'], all.flatMap(({ beside }) => beside))
  }
  if (only.includes('race')) {
    table(['captures that do not fit', 'ended by the watch', 'killed by the kernel', 'the app went on', 'left at the end', 'the line'], [await races(Number(values.races))])
  }
  if (only.includes('latency')) {
    console.log(`${values.rate} requests a second, a heap of 300 MB; milliseconds:\n`)
    table(['', 'requests', 'p50', 'p90', 'p99', 'p99.9', 'longest'], await latency(300))
  }
}

main()
