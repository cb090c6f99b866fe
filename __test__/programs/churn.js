'use strict'
// Takes snapshot after snapshot while the heap churns and zlib and fs are at work, then looks at what is left of them.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const zlib = require('node:zlib')
const { promisify } = require('node:util')
const leakhunt = require('../../js/index.js')
const { until } = require('../program.js')

const gzip = promisify(zlib.gzip)
const [, , dir, count] = process.argv

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

const descriptors = () => fs.readdirSync('/proc/self/fd').length

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

async function main() {
  const hunt = leakhunt.start({ dir, rules: [], growth: false, capture: { nice: 0 } })
  await fs.promises.readFile(__filename)
  await gzip('warm')
  const before = descriptors()
  const work = [allocate(), compress(), compress(), writeAndRead(1), writeAndRead(2)]

  const taken = []
  const refused = []
  for (let i = 0; i < Number(count); i++) {
    try {
      const { path: file, attempts, pauseMs } = await hunt.snapshot({ reason: `churn ${i}` })
      taken.push({ attempts, pauseMs })
      // The last one is looked at by the test.
      if (i < Number(count) - 1) fs.rmSync(file)
    } catch ({ code, message }) {
      refused.push({ code, message })
    }
  }
  going = false
  await Promise.all(work)
  await until(() => descriptors() <= before && children().length === 0, () => `descriptors ${before} -> ${descriptors()}, children ${children()}`)
  hunt.stop()
  const partial = fs.readdirSync(dir).filter((file) => file.endsWith('.partial'))
  process.stdout.write(JSON.stringify({ taken, refused, partial, children: children() }))
}

main()
