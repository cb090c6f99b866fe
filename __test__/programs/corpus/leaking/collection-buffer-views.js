'use strict'
// Sixteen bytes of each packet are kept, by a view on it: and the packet with them.
const headers = []

function receive(packet) { // the leak
  headers.push(packet.subarray(0, 16))
}

function round(number) {
  for (let i = 0; i < 60; i++) receive(Buffer.alloc(50_000, number + i))
}

module.exports = { leaks: { cause: 'collection', class: ['Buffer', 'FastBuffer', 'ArrayBuffer', 'Uint8Array'], holder: 'headers' }, round }
