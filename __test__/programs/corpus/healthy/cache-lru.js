'use strict'
// A cache with a bound, by lru-cache: it fills while it is looked at, and is full then.
const { LRUCache } = require('lru-cache')

class Page {
  constructor(url) {
    this.url = url
    this.html = `<h1>${url}</h1>`.repeat(5)
  }
}

const pages = new LRUCache({ max: 1500 })

function render(url) {
  if (!pages.has(url)) pages.set(url, new Page(url))
  return pages.get(url)
}

function round(number) {
  for (let i = 0; i < 800; i++) render(`/${number}/${i}`)
}

module.exports = { round }
