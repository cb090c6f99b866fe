'use strict'
// What captures leave in a directory: each snapshot is whole and has its sidecar, or there is nothing of it.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const leakhunt = require('../js/index.js')
const { until } = require('./program.js')

const SNAPSHOT = /\.(heapsnapshot\.zst|lhgraph)$/

const list = (dir) => {
  try {
    return fs.readdirSync(dir)
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  }
}

/** The names of finished snapshots. */
const snapshotsIn = (dir) => list(dir).filter((name) => SNAPSHOT.test(name))

/** Unfinished files, snapshots without a sidecar and sidecars without a snapshot. */
function leftovers(dir) {
  const names = new Set(list(dir))
  return [...names].filter((name) => {
    if (name.endsWith('.partial')) return true
    if (SNAPSHOT.test(name)) return !names.has(name.replace(SNAPSHOT, '.json'))
    return name.startsWith('Heap.') && name.endsWith('.json') && !['.heapsnapshot.zst', '.lhgraph'].some((ending) => names.has(name.replace('.json', ending)))
  })
}

/** Waits until nothing unfinished is there, reads every snapshot to its end, and returns their names. */
async function assertOnlyWhole(dir) {
  await until(() => leftovers(dir).length === 0, () => `only whole files: ${list(dir)}`)
  const names = snapshotsIn(dir)
  for (const name of names) {
    const { snapshots } = await leakhunt.analyze([path.join(dir, name)])
    assert.ok(snapshots[0].nodes > 10_000, name)
    assert.strictEqual(JSON.parse(fs.readFileSync(path.join(dir, name.replace(SNAPSHOT, '.json')), 'utf8')).snapshot, name)
  }
  return names
}

module.exports = { assertOnlyWhole, leftovers, snapshotsIn }
