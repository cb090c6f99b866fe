'use strict'
// The JavaScript way, for a Node whose V8 could not be proven at load: an interval reads node:v8, a PerformanceObserver
// hears of GCs. Slower than the native way and blind while the event loop is blocked, so it is used only where it must be.
const v8 = require('node:v8')
const { PerformanceObserver } = require('node:perf_hooks')
const { warnOnce } = require('./errors.js')

const NATIVE = 'native'

function missing(capabilities) {
  const tick = ['heapStatistics', 'interrupts'].filter((name) => capabilities[name]?.way !== NATIVE)
  const gc = ['gcCallbacks'].filter((name) => capabilities[name]?.way !== NATIVE)
  return { tick: tick.length > 0, gc: gc.length > 0, names: [...tick, ...gc] }
}

/** Feeds `monitor` whatever its native half cannot see. Returns what undoes it. */
function startFallback(monitor, capabilities, intervalMs) {
  const { tick, gc, names } = missing(capabilities)
  if (names.length === 0) return () => {}
  const reasons = names.map((name) => `${name}: ${capabilities[name]?.reason ?? 'not available'}`)
  warnOnce(`recording the JavaScript way, since the native way is off (${reasons.join('; ')})`, 'ERR_LEAKHUNT_FALLBACK')

  let timer = null
  if (tick) {
    timer = setInterval(() => monitor.recordTick(v8.getHeapStatistics()), intervalMs)
    timer.unref()
  }
  let observer = null
  if (gc) {
    // One callback brings many GCs: every entry of the list is counted.
    observer = new PerformanceObserver((list) => {
      for (const { detail, duration } of list.getEntries()) monitor.recordGc(detail.kind, duration)
    })
    observer.observe({ entryTypes: ['gc'] })
  }
  return () => {
    clearInterval(timer)
    observer?.disconnect()
  }
}

module.exports = { startFallback }
