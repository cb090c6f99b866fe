'use strict'
// A process with a live heap of so many megabytes, which has it told in the ways that benches/pages.js asks for: node subject.js MEGABYTES DIR.
const fs = require('node:fs')
const path = require('node:path')
const readline = require('node:readline')
const v8 = require('node:v8')
const leakhunt = require('../..')
const { grow } = require('../items.js')

const [, , megabytes, dir] = process.argv

// Nobody looks at it again, and it has to stay.
const keep = (globalThis.keep = grow(megabytes))

const OPTIONS = { dir, rules: [], growth: false, hunt: false, control: false, limits: { minFreeDiskBytes: 0 } }
const TICKS_PER_SECOND = 100

/** CPU seconds of the children that were waited for. */
function cpuOfChildren() {
  const stat = fs.readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND
}

const resident = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]) * 1024

/** By a forked child: what it took, and what the app felt of it. */
async function forked(engine, take) {
  const hunt = leakhunt.start({ ...OPTIONS, capture: { nice: 0, engine } })
  const cpu = cpuOfChildren()
  try {
    const { pauseMs, durationMs, childPrivateBytes, path: file, collectMs, walkMs } = await take(hunt)
    return { stopMs: pauseMs, wallMs: durationMs, cpuS: cpuOfChildren() - cpu, memory: childPrivateBytes, file, collectMs, walkMs }
  } catch ({ code, message }) {
    return { failed: code, message }
  } finally {
    hunt.stop()
  }
}

const deeds = {
  census: () => forked('pages', (hunt) => hunt.census()),
  columns: () => forked('pages', (hunt) => hunt.snapshot({ format: 'lhgraph' })),
  text: () => forked('pages', (hunt) => hunt.snapshot()),
  v8: () => forked('v8', (hunt) => hunt.snapshot()),
  /** In the process itself: its peak is reset before. */
  write() {
    fs.writeFileSync('/proc/self/clear_refs', '5')
    const before = resident('VmRSS')
    const file = path.join(dir, 'in-process.heapsnapshot')
    const [begin, cpu] = [performance.now(), process.cpuUsage()]
    v8.writeHeapSnapshot(file)
    const { user, system } = process.cpuUsage(cpu)
    const ms = performance.now() - begin
    return { stopMs: ms, wallMs: ms, cpuS: (user + system) / 1e6, memory: resident('VmHWM') - before, file }
  },
  end: () => process.exit(0),
}

const tell = (document) => process.stdout.write(`${JSON.stringify(document)}\n`)
readline.createInterface({ input: process.stdin }).on('line', async (line) => tell(await deeds[line]()))
tell({ heapBytes: v8.getHeapStatistics().used_heap_size, objects: keep.length * 7, rss: process.memoryUsage.rss() })
