'use strict'
// A cache of two maps: when the young one is full the old one goes, and the young one takes its place.
class Entry {
  constructor(key) {
    this.key = key
    this.value = [key, key]
  }
}

const LIMIT = 900
let young = new Map()
let old = new Map()

function get(key) {
  const entry = young.get(key) ?? old.get(key) ?? new Entry(key)
  young.set(key, entry)
  if (young.size >= LIMIT) {
    old = young
    young = new Map()
  }
  return entry
}

function round(number) {
  for (let i = 0; i < 1600; i++) get(`${number}.${i}`)
}

module.exports = { warmUp: 2, round }
