'use strict'
// Observables, subjects and subscriptions of RxJS, and an LRU cache: libraries that keep much for their callers.
const { many, fromCorpus } = require('./many.js')

class PlantedEntry {
  constructor(number) {
    this.number = number
    this.list = [{ number }]
  }
}

module.exports = async () => {
  const { Subject, BehaviorSubject, interval, map, filter, shareReplay, mergeMap } = fromCorpus('rxjs')
  const { LRUCache } = fromCorpus('lru-cache')
  const cache = new LRUCache({ max: 2000 })
  for (let at = 0; at < 5000; at++) cache.set(`key ${at}`, new PlantedEntry(at))
  const subject = new Subject()
  const state = new BehaviorSubject(new PlantedEntry(0))
  const replayed = subject.pipe(map((value) => ({ value })), filter(({ value }) => value % 2), shareReplay(50))
  const subscriptions = many(300, (number) => replayed.subscribe((value) => [value, number]))
  const inner = many(50, (number) => subject.pipe(mergeMap(() => state)).subscribe((value) => [value, number]))
  for (let at = 0; at < 200; at++) subject.next(at)
  const ticking = many(20, () => interval(1e6).subscribe())
  return { cache, subject, state, subscriptions, inner, ticking }
}
