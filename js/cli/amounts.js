'use strict'
// Bytes and times in words, three digits of them.

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB']

function amount(bytes) {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return step === 0 ? `${bytes} bytes` : `${(bytes / 1000 ** step).toFixed(1)} ${UNITS[step]}`
}

const time = (ms) => (ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(1)} s`)

const SPANS = [[86_400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']]

/** How long ago, in its largest unit. */
function since(ms, now = Date.now()) {
  const seconds = Math.max(0, Math.floor((now - ms) / 1000))
  const [length, unit] = SPANS.find(([each]) => seconds >= each) ?? SPANS.at(-1)
  return `${Math.floor(seconds / length)} ${unit}`
}

module.exports = { amount, time, since }
