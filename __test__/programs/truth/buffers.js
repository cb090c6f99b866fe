'use strict'
// Memory outside of the heap: array buffers of all sorts, shared, resizable, detached, views that share one, DataViews, pooled Buffers and Blobs.
const { many } = require('./many.js')

class PlantedFrame {
  constructor(number) {
    this.bytes = new Uint8Array(1000 + number)
    this.view = new DataView(this.bytes.buffer, 10, 20)
  }
}

module.exports = async () => {
  const shared = new SharedArrayBuffer(1 << 20)
  const one = new ArrayBuffer(1 << 16)
  const detached = new ArrayBuffer(5000)
  structuredClone(detached, { transfer: [detached] })
  return {
    frames: many(500, (number) => new PlantedFrame(number)),
    shared, one, detached,
    views: many(200, (number) => new Uint16Array(one, number * 2, 10)),
    sharedViews: many(100, (number) => new Int32Array(shared, number * 4, 1)),
    growable: many(50, (number) => new SharedArrayBuffer(100 + number, { maxByteLength: 10_000 })),
    resizable: many(50, (number) => new ArrayBuffer(100 + number, { maxByteLength: 10_000 })),
    tracking: many(50, () => new Uint8Array(new ArrayBuffer(100, { maxByteLength: 10_000 }))),
    trackingViews: many(50, () => new DataView(new ArrayBuffer(100, { maxByteLength: 10_000 }))),
    pooled: many(500, (number) => Buffer.from(`pooled ${number}`)),
    large: many(20, (number) => Buffer.alloc(100_000 + number)),
    slices: many(100, (number) => Buffer.alloc(10_000).subarray(number, number + 5)),
    onHeap: many(500, (number) => new Uint8Array(number % 64)),
    onHeapDoubles: many(200, () => new Float64Array([1.5, 2.5])),
    empty: many(100, () => new ArrayBuffer(0)),
    blobs: many(50, (number) => new Blob([`content ${number}`])),
    encoders: many(20, () => [new TextEncoder(), new TextDecoder()]),
    named: many(50, (number) => Object.assign(new Uint8Array(4), { note: { number } })),
  }
}
