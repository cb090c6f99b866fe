'use strict'
// An app whose memory outside of V8's heap changes without pause: WebAssembly memory and resizable buffers grow, buffers are detached, shared ones are written by a worker.
const { createHash } = require('node:crypto')
const { Worker } = require('node:worker_threads')
const { serve } = require('./app.js')

const PAGE = 65_536
const MOST_PAGES = 600
/** Holds a WebAssembly memory of its own, as Emscripten's output does: `(module (memory (export "memory") 1 600))`. */
const MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 5, 5, 1, 1, 1, 216, 4, 7, 10, 1, 6, 109, 101, 109, 111, 114, 121, 2, 0,
])
const WRITER = `
  const counts = new Int32Array(require('node:worker_threads').workerData)
  for (;;) for (let i = 1; i < counts.length; i += 1024) Atomics.add(counts, i, 1), Atomics.add(counts, 0, 1)`

serve(() => {
  const owned = new WebAssembly.Instance(new WebAssembly.Module(MODULE)).exports.memory
  const plain = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES })
  const shared = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true })
  const resizable = new ArrayBuffer(PAGE, { maxByteLength: MOST_PAGES * PAGE })
  const counts = new SharedArrayBuffer(4 << 20)
  let moved = new ArrayBuffer(2 << 20)
  new Uint8Array(moved).fill(9)
  let pages = 1
  let turns = 0
  let worker

  function turn() {
    turns++
    // Each new page holds a number of its own.
    if (pages < MOST_PAGES) {
      for (const memory of [owned, plain, shared]) {
        memory.grow(1)
        new Uint8Array(memory.buffer, pages * PAGE, PAGE).fill(pages % 251)
      }
      resizable.resize(++pages * PAGE)
      new Uint8Array(resizable, (pages - 1) * PAGE, PAGE).fill((pages - 1) % 251)
    }
    moved = structuredClone(moved, { transfer: [moved] })
  }
  const isAsItShould = (buffer) =>
    new Uint8Array(buffer).byteLength === pages * PAGE && Array.from({ length: pages - 1 }, (_, i) => i + 1).every((page) => new Uint8Array(buffer)[page * PAGE] === page % 251)

  return {
    begin() {
      worker = new Worker(WRITER, { eval: true, workerData: counts })
      setInterval(turn, 1)
    },
    turns: () => turns,
    written: () => Atomics.load(new Int32Array(counts), 0),
    finish: () => worker.terminate(),
    intact: () => ({
      grown: [owned.buffer, plain.buffer, shared.buffer, resizable].every(isAsItShould),
      moved: createHash('sha256').update(new Uint8Array(moved)).digest('hex') === createHash('sha256').update(Buffer.alloc(2 << 20, 9)).digest('hex'),
    }),
  }
})
