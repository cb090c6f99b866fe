'use strict'
// What it takes to tell a heap from its own pages, beside V8's generator in a forked child and v8.writeHeapSnapshot() in the process, and to judge the file, beside
// @heap-snapshot/tool: for live heaps of several sizes, in one run.
//
//   npm run bench:pages [-- --sizes 100,300,1000,2000] [--v8-up-to 300] [--tool PATH] [--node /path/to/node] [--cgroup 300]
//
// Above --v8-up-to megabytes V8's ways, which take minutes and ten times the heap, are left out. --cgroup: a heap of so many megabytes is told and judged within a memory cgroup (version 1, root) of
// one gigabyte, by leakhunt and by V8. GNU time measures what reads the files.
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { parseArgs } = require('node:util')
const { makeGroup, subject, within } = require('./confined.js')

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100,300,1000,2000' },
    'v8-up-to': { type: 'string', default: '300' },
    tool: { type: 'string', default: process.env.LEAKHUNT_BENCH_HEAP_SNAPSHOT },
    node: { type: 'string', default: process.execPath },
    cgroup: { type: 'string' },
  },
})

const CLI = path.join(__dirname, '..', 'js', 'cli.js')
const SUBJECT = path.join(__dirname, 'pages', 'subject.js')
const GROUP_BYTES = 1e9
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-bench-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))

const mb = (bytes) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`
const seconds = (ms) => `${(ms / 1e3).toFixed(2)} s`
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`)

const heapOf = (megabytes, group = null) => subject([values.node, '--max-old-space-size=16384', '--expose-gc', SUBJECT, String(megabytes), folder], group)
const analyze = (file) => [values.node, CLI, 'analyze', file, '--json']

/** Wall in ms, CPU seconds and peak resident bytes of a program; or what it ended with. */
function measured(command, group = null) {
  const figures = path.join(folder, 'figures')
  const [program, ...args] = within(group, ['/usr/bin/time', '-f', '%e %U %S %M', '-o', figures, ...command])
  const { status } = spawnSync(program, args, { stdio: 'ignore' })
  if (status !== 0) return { failed: `ended with ${status}` }
  const [wall, user, system, kilobytes] = fs.readFileSync(figures, 'utf8').trim().split('\n').at(-1).split(' ').map(Number)
  return { wallMs: wall * 1e3, cpuS: user + system, memory: kilobytes * 1024 }
}

const judged = (read) => (read === null ? '' : (read.failed ?? `${seconds(read.wallMs)}, ${mb(read.memory)}`))

function tell(heap, what, taken, read) {
  if (taken.failed ?? taken.ended) return row(heap, what, taken.failed ?? `the app is gone (${taken.ended})`, '', '', '', '', '')
  const { stopMs, wallMs, cpuS, memory, file } = taken
  const size = file === undefined || !fs.existsSync(file) ? '' : mb(fs.statSync(file).size)
  row(heap, what, `${stopMs.toFixed(0)} ms`, seconds(wallMs), `${cpuS.toFixed(2)} s`, mb(memory), size, judged(read))
}

async function compare(megabytes) {
  const one = await heapOf(megabytes)
  const heap = mb(one.heapBytes)
  const ways = [
    ['census', 'a census', null],
    ['columns', 'the graph from pages, `.lhgraph`', analyze],
    ['text', 'the graph from pages, `.heapsnapshot.zst`', analyze],
  ]
  if (megabytes <= Number(values['v8-up-to'])) {
    ways.push(['v8', "V8's generator in the forked child, `.heapsnapshot.zst`", analyze], ['write', 'v8.writeHeapSnapshot(), in the process', values.tool ? (file) => [values.tool, 'summary', file] : null])
  }
  for (const [deed, what, reader] of ways) {
    const taken = await one.ask(deed)
    tell(heap, what, taken, reader !== null && taken.file ? measured(reader(taken.file)) : null)
    if (taken.walkMs) console.error(`· collection ${seconds(taken.collectMs)}, walk ${seconds(taken.walkMs)}: ${(one.heapBytes / 1e6 / taken.walkMs).toFixed(2)} GB/s`)
    if (taken.file) for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name), { recursive: true })
  }
  await one.end()
}

/** In a group of a gigabyte: told from the pages and judged, and then in the process. */
async function confined(megabytes) {
  const group = makeGroup()
  group.limit(GROUP_BYTES)
  const one = await heapOf(megabytes, group)
  const heap = `${mb(one.heapBytes)} in a group of ${mb(GROUP_BYTES)}`
  const taken = await one.ask('columns')
  tell(heap, 'the graph from pages, `.lhgraph`', taken, taken.file ? measured(analyze(taken.file), group) : null)
  tell(heap, "V8's generator in the forked child", await one.ask('v8'), null)
  tell(heap, 'v8.writeHeapSnapshot(), in the process', await one.ask('write'), null)
  console.error(`· the kernel has killed ${group.kills()}`)
  await one.end().catch(() => {})
  await group.remove()
}

async function main() {
  console.log(`${os.cpus().length} x ${os.cpus()[0].model.trim()}, Linux ${os.release()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n`)
  row('heap', 'way', 'the app stood still', 'wall', 'CPU', 'own memory', 'file', 'read and judged: wall, memory')
  console.log('|---|---|---|---|---|---|---|---|')
  for (const megabytes of values.sizes.split(',').filter(Boolean)) await compare(Number(megabytes))
  if (values.cgroup) await confined(Number(values.cgroup))
}

main()
