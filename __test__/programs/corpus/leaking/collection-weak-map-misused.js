'use strict'
// Data about requests in a WeakMap, so that it goes when they do. But the keys are kept, to be counted.
const seen = new Set()
const details = new WeakMap()

class Detail {
  constructor(url) {
    this.url = url
    this.timings = [1, 2, 3]
  }
}

function handle(request) { // the leak
  seen.add(request)
  details.set(request, new Detail(request.url))
}

function round(number) {
  for (let i = 0; i < 400; i++) handle({ url: `/${number}/${i}`, method: 'GET' })
}

module.exports = { leaks: { cause: 'collection', class: ['Object {url, method}', 'Detail'], holder: 'seen' }, round }
