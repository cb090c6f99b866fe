'use strict'
// Data about requests in a WeakMap, and the requests go.
class Detail {
  constructor(url) {
    this.url = url
    this.timings = [1, 2, 3]
  }
}

const details = new WeakMap()
const latest = []

function handle(request) {
  details.set(request, new Detail(request.url))
  latest.push(request)
  if (latest.length > 200) latest.shift()
}

function round(number) {
  for (let i = 0; i < 1500; i++) handle({ url: `/${number}/${i}`, method: 'GET' })
  return details.get(latest[0]).url
}

module.exports = { round }
