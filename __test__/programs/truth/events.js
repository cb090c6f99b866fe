'use strict'
// Emitters, event targets, abort signals that follow each other, and streams of both kinds in the middle of their work.
const { EventEmitter, once, on } = require('node:events')
const { Duplex, PassThrough, Readable, Transform, Writable, pipeline } = require('node:stream')
const { many } = require('./many.js')

class PlantedBus extends EventEmitter {
  constructor(number) {
    super()
    this.setMaxListeners(0)
    this.on('tick', () => number)
    this.once('end', function onEnd() {})
    this.on('tick', this.listen.bind(this))
  }
  listen() {}
}
class PlantedSource extends Readable {
  sent = 0
  _read() {
    if (this.sent++ < 5) this.push({ sent: this.sent })
  }
}
class PlantedTarget extends EventTarget {}

module.exports = async () => {
  const controller = new AbortController()
  const followers = many(200, () => {
    const signal = AbortSignal.any?.([controller.signal, new AbortController().signal]) ?? controller.signal
    signal.addEventListener('abort', () => {}, { once: true })
    return signal
  })
  const sources = many(100, () => new PlantedSource({ objectMode: true }))
  for (const source of sources) source.read()
  const piped = many(50, () => pipeline(new PlantedSource({ objectMode: true }), new Transform({ objectMode: true, transform(chunk, _, done) { done(null, chunk) } }), new Writable({ objectMode: true, write() {} }), () => {}))
  const web = many(50, (number) => new ReadableStream({ start(stream) { stream.enqueue({ number }) } }))
  const readers = web.slice(0, 20).map((stream) => stream.getReader())
  const emitter = new EventEmitter()
  const iterators = many(20, () => on(emitter, 'never', { signal: controller.signal }))
  await new Promise(setImmediate)
  return {
    controller, followers, sources, piped, web, readers, emitter, iterators,
    buses: many(500, (number) => new PlantedBus(number)),
    targets: many(200, (number) => { const target = new PlantedTarget(); target.addEventListener('x', () => number); return target }),
    aborted: many(50, () => AbortSignal.abort()),
    timeouts: many(50, () => AbortSignal.timeout(1e6)),
    waiting: many(50, () => once(emitter, 'never').catch(() => {})),
    through: many(50, () => { const stream = new PassThrough(); stream.write('waits'); return stream }),
    duplex: many(20, () => Duplex.from(async function* (source) { yield* source })),
    transforms: many(20, () => new TransformStream()),
    events: many(50, () => new Event('planted')),
  }
}
