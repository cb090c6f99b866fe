'use strict'
// Files that are read, packed and thrown away: streams, buffers and handles by the hundred, all of them closed.
const fs = require('node:fs')
const zlib = require('node:zlib')
const { Writable } = require('node:stream')
const { pipeline } = require('node:stream/promises')

async function pack(file) {
  let bytes = 0
  const sink = new Writable({
    write(chunk, _encoding, done) {
      bytes += chunk.length
      done()
    },
  })
  await pipeline(fs.createReadStream(file), zlib.createGzip(), sink)
  return bytes
}

async function round(number) {
  for (let i = 0; i < 10 + 2 * number; i++) await Promise.all(Array.from({ length: 6 }, () => pack(__filename)))
}

module.exports = { round }
