'use strict'
// Functions that wait: async ones deep in a stack, generators and async generators in the middle, promises in every state, and what they hold.
const { many } = require('./many.js')

class PlantedLocal {
  constructor(number) {
    this.number = number
    this.bytes = [number, { number }]
  }
}

const never = new Promise(() => {})

async function wait(depth, number) {
  const local = new PlantedLocal(number)
  if (depth === 0) await never
  else await wait(depth - 1, number)
  return local
}

async function tryAll(number) {
  const local = new PlantedLocal(number)
  try {
    await Promise.all([never, wait(1, number)])
  } catch (error) {
    return error
  } finally {
    local.number++
  }
}

function* counting(number) {
  const local = new PlantedLocal(number)
  yield local
  yield* counting(number + 1)
}

async function* streaming(number) {
  const local = new PlantedLocal(number)
  for await (const each of [local, never]) yield each
}

const pause = () => new Promise(setImmediate)

module.exports = async () => {
  const streams = many(300, (number) => streaming(number))
  for (const stream of streams) await stream.next()
  const pending = streams.map((stream) => stream.next())
  const generators = many(500, (number) => counting(number))
  for (const generator of generators) generator.next(generator.next())
  const result = {
    streams, pending, generators,
    waiting: many(300, (number) => wait(5, number)),
    tried: many(200, (number) => tryAll(number)),
    fresh: many(200, (number) => counting(number)),
    done: many(200, (number) => { const generator = counting(number); generator.return(); return generator }),
    resolved: many(300, (number) => Promise.resolve(new PlantedLocal(number))),
    rejected: many(300, (number) => { const promise = Promise.reject(new PlantedLocal(number)); promise.catch(() => {}); return promise }),
    chained: many(300, (number) => never.then(() => number, () => -number).finally(() => {})),
    raced: many(100, (number) => Promise.race([never, new Promise(() => number)])),
    settled: many(100, (number) => Promise.allSettled([new PlantedLocal(number), never])),
    withResolvers: many(100, () => { let settle; const promise = new Promise((resolve, reject) => (settle = { resolve, reject })); return { promise, settle } }),
    thenables: many(100, (number) => Promise.resolve({ then() { return number } })),
    methods: many(100, (number) => ({ async method() { await never; return number } }.method())),
    arrows: many(100, (number) => (async () => { const local = new PlantedLocal(number); await never; return local })()),
  }
  await pause()
  return result
}
