'use strict'
// Holds large buffers of every kind, takes a snapshot, and looks whether each is what it was.
const { createHash } = require('node:crypto')
const leakhunt = require('../../js/index.js')

const [, , dir, megabytes] = process.argv
const MiB = 1024 * 1024

const held = Array.from({ length: Number(megabytes) / 10 }, (_, i) => Buffer.alloc(10 * MiB, i + 1))
const shared = new Uint8Array(new SharedArrayBuffer(16 * MiB)).fill(3)
const detached = new ArrayBuffer(16 * MiB)
const moved = structuredClone(detached, { transfer: [detached] })
const wasm = new WebAssembly.Memory({ initial: 16, maximum: 256 })
new Uint8Array(wasm.buffer).fill(5)
// Dropped by the app but not yet collected: the child's collection frees it there.
let dropped = new Uint8Array(32 * MiB).fill(7)
dropped = dropped.length

const digest = () => {
  const hash = createHash('sha256')
  for (const each of [...held, shared, new Uint8Array(moved), new Uint8Array(wasm.buffer)]) hash.update(each)
  return hash.digest('hex')
}

async function main() {
  const before = digest()
  const hunt = leakhunt.start({ dir, rules: [], growth: false, limits: { minFreeDiskBytes: 0 }, capture: { nice: 0 } })
  const details = await hunt.snapshot({ reason: 'buffers' })
  const second = await hunt.snapshot({ reason: 'buffers again' })
  hunt.stop()
  console.log(JSON.stringify({ details, second, same: digest() === before, dropped, detached: detached.byteLength }))
}

main()
