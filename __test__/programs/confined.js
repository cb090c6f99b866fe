'use strict'
// Grows a heap, takes snapshots within whatever limits this process runs, and tells how they ended and that it lives.
const fs = require('node:fs')
const v8 = require('node:v8')
const { execFileSync } = require('node:child_process')
const leakhunt = require('../../js/index.js')
const { filesIn, until } = require('../program.js')

const [, , dir, json] = process.argv
/**
 * By V8's generator, whose needs are many times the heap, unless the options say otherwise.
 * heapMB: live heap of `kind`; options: of start(); snapshots: how many, one after the other; takeMB, takeDiskMB: memory, and disk in `dir`,
 * that the app takes once a child is at work; limits: of prlimit, `{ as: n }`, n beyond what is in use; tasks: of the pids group of this process, so
 * many beyond what there are.
 */
const { heapMB = 0, kind = 'objects', options = {}, snapshots = 1, takeMB = 0, takeDiskMB = 0, limits = {}, tasks = null } = JSON.parse(json)

const KINDS = {
  objects: (i) => ({ id: i, double: i * 2, date: new Date(i), tags: [i, i + 1] }),
  numbers: (i) => Array.from({ length: 1000 }, (_, at) => at * 1.5 + i),
  promises: () => new Promise(() => {}),
}

const keep = []
const used = () => v8.getHeapStatistics().used_heap_size

function grow(megabytes, make) {
  for (let number = 0; used() < megabytes * 1e6; number++) {
    for (let i = 0; i < 200; i++) keep.push(make(i))
    if (number % 100 === 99) global.gc()
  }
  global.gc()
}

function children() {
  const text = fs.readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ')
}

/** What of each limit is in use now. */
const inUse = {
  as: () => 1024 * Number(/VmSize:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]),
  data: () => 1024 * Number(/VmData:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]),
  nofile: () => fs.readdirSync('/proc/self/fd').length - 1,
  nproc: () => Number(/Threads:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]),
  fsize: () => 0,
}

function limit() {
  for (const [name, more] of Object.entries(limits)) {
    execFileSync('prlimit', ['--pid', String(process.pid), `--${name}=${inUse[name]() + more}`])
  }
  if (tasks !== null) {
    const { group, more } = tasks
    fs.writeFileSync(`${group}/pids.max`, String(Number(fs.readFileSync(`${group}/pids.current`, 'utf8')) + more))
  }
}

const threads = () => fs.readdirSync('/proc/self/task').map((tid) => fs.readFileSync(`/proc/self/task/${tid}/comm`, 'utf8').trim())

const told = ({ code, message, figures }) => ({ code, message, figures })

async function main() {
  grow(heapMB, KINDS[kind])
  const hunt = leakhunt.start({ dir, rules: [], growth: false, control: false, limits: { minFreeDiskBytes: 0 }, ...options, capture: { engine: 'v8', ...options.capture } })
  let samples = 0
  hunt.once('sample', () => samples++)
  await until(() => samples > 0 && !threads().includes('leakhunt-tidy'), 'the start to be over')
  limit()
  const outcomes = []
  const taken = []
  let ticks = 0
  const ticking = setInterval(() => {
    ticks++
    if (takeMB + takeDiskMB === 0 || taken.length > 0 || children().length === 0) return
    taken.push(Buffer.alloc(takeMB * 1e6, 1))
    if (takeDiskMB > 0) fs.writeFileSync(`${dir}/taken`, Buffer.alloc(takeDiskMB * 1e6, 1))
  }, 5)
  for (let i = 0; i < snapshots; i++) {
    outcomes.push(await hunt.snapshot({ reason: `number ${i}` }).catch(told))
  }
  const atTheEnd = ticks
  await new Promise((resolve) => setTimeout(resolve, 50))
  hunt.stop()
  clearInterval(ticking)
  const files = filesIn(dir).filter((file) => file !== 'taken')
  console.log(JSON.stringify({ outcomes, wentOn: ticks > atTheEnd, children: children(), files, kept: keep.length + taken.length }))
}

main()
