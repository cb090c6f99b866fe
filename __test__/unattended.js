'use strict'
// Talks with programs/unattended.js: a service that grows while nobody looks on.
const fs = require('node:fs')
const { hunting } = require('./hunting.js')
const { childrenOf } = require('./processes.js')
const { filesIn, until } = require('./program.js')

const NAME = 'unattended.js'
const HUNT = { patienceMs: 3_600_000, restMs: 3_600_000 }
/** With the pauses that a person would not wait for left out. */
const EAGER = { intervalMs: 50, hunt: HUNT, limits: { cooldownMs: 0, minFreeDiskBytes: 0 }, capture: { nice: 0 } }

/** 2 MB each: the first two snapshots come after 16 MiB at the earliest, the third after as much as lay between them. */
const STEPS = [12, 12, 20]

const begin = (t, options, env = {}) => hunting(t, { ...EAGER, ...options }, { name: NAME, env })

/** Grows from snapshot to snapshot. */
async function grow(app, steps = STEPS) {
  const before = app.events.filter(({ type }) => type === 'snapshot').length
  for (const [i, count] of steps.entries()) {
    app.say(`grow ${count}`)
    await app.next('snapshot', before + i + 1)
  }
}

const verdictsIn = (dir) => filesIn(dir).filter((name) => name.includes('verdict'))

function cmdline(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    // It ended while we looked.
    return ''
  }
}

/** The pid of its analysis, once there is one. */
const analystOf = (app) => until(() => childrenOf(app.pid).find(({ pid }) => cmdline(pid).includes('analyst.js'))?.pid, 'an analysis')

module.exports = { NAME, HUNT, STEPS, begin, grow, verdictsIn, analystOf }
