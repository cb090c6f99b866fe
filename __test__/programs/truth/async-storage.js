'use strict'
// AsyncLocalStorage in deep and wide use, async resources, hooks that are on, and diagnostics channels with subscribers.
const { AsyncLocalStorage, AsyncResource, createHook } = require('node:async_hooks')
const { channel, tracingChannel } = require('node:diagnostics_channel')
const { many } = require('./many.js')

class PlantedRequest {
  constructor(number) {
    this.number = number
    this.headers = new Map([['id', `request ${number}`]])
  }
}

module.exports = async () => {
  const storage = new AsyncLocalStorage()
  const other = new AsyncLocalStorage()
  const resources = new Map()
  const hook = createHook({ init(id, type) { if (resources.size < 100) resources.set(id, { type }) } }).enable()
  const news = channel('planted:news')
  many(20, (number) => news.subscribe(() => number))
  const never = new Promise(() => {})
  const waiting = many(500, (number) =>
    storage.run(new PlantedRequest(number), () =>
      other.run({ number }, async () => {
        await never
        return storage.getStore()
      }),
    ),
  )
  const timers = many(300, (number) => storage.run(new PlantedRequest(number), () => setTimeout(() => storage.getStore(), 1e6).unref()))
  const bound = many(200, (number) => storage.run(new PlantedRequest(number), () => AsyncResource.bind(() => number)))
  const snapshots = many(100, (number) => storage.run(new PlantedRequest(number), () => AsyncLocalStorage.snapshot?.()))
  const own = many(100, (number) => storage.run(new PlantedRequest(number), () => new AsyncResource('Planted')))
  hook.disable()
  return { storage, other, resources, hook, news, waiting, timers, bound, snapshots, own, tracing: tracingChannel?.('planted') }
}
