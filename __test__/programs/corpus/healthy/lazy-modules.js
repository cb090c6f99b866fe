'use strict'
// Libraries are loaded when they are first used, one after the other: code and its scopes grow in every round.
const LIBRARIES = [
  () => require('lru-cache'),
  () => require('prom-client'),
  () => require('ws'),
  () => require('pg'),
  () => require('express'),
  () => require('rxjs'),
  () => require('undici'),
]

const used = []

function round(number) {
  used.push(Object.keys(LIBRARIES[number % LIBRARIES.length]()).length)
  return used.reduce((sum, count) => sum + count, 0)
}

module.exports = { round }
