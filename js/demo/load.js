'use strict'
// Load by autocannon: so many requests, however long they take, so that a busy machine sees the same as a quiet one.
const { withCode } = require('../errors.js')

const CONNECTIONS = 10
const PATHS = ['/orders', '/orders?page=2', '/orders/17', '/logs']
// What a browser sends along, more or less.
const HEADERS = {
  accept: 'application/json, text/plain, */*',
  'accept-language': 'en-GB,en;q=0.8,de;q=0.5',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36',
  referer: 'http://shop.example/orders?page=1',
  cookie: 'theme=dark; basket=17,23,42; visits=12',
  'cache-control': 'no-cache',
}

function loadAutocannon() {
  try {
    return require('autocannon')
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error
    throw withCode(new Error('the demo makes its load with autocannon: npm install autocannon'), 'ERR_LEAKHUNT_AUTOCANNON')
  }
}

/** Sends `amount` requests; resolves to the figures of the run. `onProgress(done)` hears of every response. */
async function load(url, amount, onProgress = () => {}) {
  const autocannon = loadAutocannon()
  // autocannon's own figures are whole milliseconds and whole seconds: too coarse for an API that answers in less.
  const times = []
  const begin = performance.now()
  let end = begin
  const result = await new Promise((resolve, reject) => {
    const requests = PATHS.map((path) => ({ method: 'GET', path }))
    const options = { url, amount, connections: CONNECTIONS, headers: HEADERS, requests }
    const instance = autocannon(options, (error, outcome) => (error ? reject(error) : resolve(outcome)))
    instance.on('response', (_client, _status, _bytes, ms) => {
      end = performance.now()
      times.push(ms)
      onProgress(times.length)
    })
  })
  const bad = result.errors + result.timeouts + result.non2xx
  if (bad > 0) throw new Error(`${bad} of ${amount} requests failed`)
  times.sort((a, b) => a - b)
  return {
    requestsPerSecond: Math.round((1000 * amount) / (end - begin)),
    p50Ms: percentile(times, 50),
    p99Ms: percentile(times, 99),
  }
}

/** `times` in order; the value that so many per cent of them do not exceed. */
const percentile = (times, percent) => times[Math.ceil((times.length * percent) / 100) - 1]

module.exports = { load, loadAutocannon }
