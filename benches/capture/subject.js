'use strict'
// A process with a live heap that does as it is told, one JSON line at a time, and answers the same way: what benches/capture.js puts into cgroups.
// With `serve` it is also a small HTTP server whose requests read and write that heap.
const fs = require('node:fs')
const http = require('node:http')
const os = require('node:os')
const path = require('node:path')
const readline = require('node:readline')
const v8 = require('node:v8')
const leakhunt = require('../..')
const { grow } = require('../items.js')

const [, , megabytes, serve] = process.argv

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-bench-'))
process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }))

const keep = grow(megabytes)

// Where nobody is served there is nobody to be kind to, and a busy machine would make a capture of low priority last.
const hunt = leakhunt.start({ dir, rules: [], growth: false, limits: { minFreeDiskBytes: 0 }, capture: { engine: 'v8', ...(serve ? {} : { nice: 0 }) } })
const tell = (document) => console.log(JSON.stringify(document))

const deeds = {
  async snapshot() {
    try {
      const taken = await hunt.snapshot({ reason: 'bench' })
      fs.rmSync(taken.path)
      return { taken }
    } catch ({ code, message, figures }) {
      return { failed: { code, message, figures } }
    }
  },
  write() {
    const begin = performance.now()
    fs.rmSync(v8.writeHeapSnapshot(path.join(dir, 'in-process.heapsnapshot')))
    return { ms: performance.now() - begin }
  },
  end() {
    process.exit(0)
  },
}

readline.createInterface({ input: process.stdin }).on('line', async (line) => tell(await deeds[line]()))

let at = 0
function serveItems(_request, response) {
  const found = []
  for (let i = 0; i < 20; i++) {
    const item = keep[(at = (at + 7919) % keep.length)]
    item.date = new Date(item.id + at)
    found.push({ id: item.read(), name: item.name, date: item.date })
  }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(found))
}

const about = () => ({ heapMB: Math.round(v8.getHeapStatistics().used_heap_size / 1e6), rss: process.memoryUsage.rss() })

if (serve) {
  const server = http.createServer(serveItems).listen(0, '127.0.0.1', () => tell({ ...about(), port: server.address().port }))
} else {
  tell(about())
}
