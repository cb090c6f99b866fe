'use strict'
// A cache of weak references: entries go when their value is collected. The service makes enough garbage for that to happen.
class Image {
  constructor(name) {
    this.name = name
    this.pixels = new Array(200).fill(0)
  }
}

const images = new Map()
const collected = new FinalizationRegistry((name) => {
  if (images.get(name)?.deref() === undefined) images.delete(name)
})

function image(name) {
  const known = images.get(name)?.deref()
  if (known !== undefined) return known
  const fresh = new Image(name)
  images.set(name, new WeakRef(fresh))
  collected.register(fresh, name)
  return fresh
}

async function round(number) {
  let sum = 0
  for (let i = 0; i < 30_000; i++) {
    sum += image(`image ${number}.${i}`).pixels.length
    if (i % 100 === 0) await new Promise(setImmediate)
  }
  return sum
}

module.exports = { round }
