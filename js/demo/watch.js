'use strict'
// What the recorder does by itself in one of the demo's servers, told and collected.
const fs = require('node:fs')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')

const POLL_MS = 100
const MB = 1e6

const mb = (bytes) => `${(bytes / MB).toFixed(1)} MB`

const describe = ({ mode, pauseMs, durationMs, bytes, rawBytes }) =>
  `${mode} snapshot: the app stood still for ${pauseMs.toFixed(1)} ms; ${mb(rawBytes)} written as ${mb(bytes)} in ${(durationMs / 1000).toFixed(1)} s`

class Watch {
  #dir
  #snapshots = []
  #crossings = 0
  #growing = new Set()
  censuses = 0

  constructor(server, dir, teller) {
    this.#dir = dir
    server.on('threshold', ({ valueBytes, limitBytes }) => {
      if (this.#crossings++ === 0) teller.line(`threshold crossed: ${mb(valueBytes)} of heap in use, ${mb(limitBytes)} allowed`)
    })
    server.on('snapshot', (details) => {
      if (details.id !== null) return
      this.#snapshots.push(details)
      teller.line(`automatic ${describe(details)}`)
    })
    server.on('census', ({ growing }) => {
      this.censuses++
      for (const { name, location, counts, grownBytes } of growing.filter((each) => !this.#growing.has(each.name))) {
        this.#growing.add(name)
        const [first, last] = [counts.at(0), counts.at(-1)].map((count) => count.toLocaleString('en'))
        const place = location === null ? '' : ` (${location.split(path.sep).slice(-2).join('/')})`
        teller.line(`census ${this.censuses}, while the load runs: ${name}${place} grows, ${first} → ${last} objects in ${counts.length} censuses, ${mb(grownBytes)} more`)
      }
    })
    server.on('skipped', ({ id, code, message }) => {
      if (id === null) teller.line(`automatic snapshot refused: ${message} (${code})`)
    })
  }

  /** Classes that have grown from census to census. */
  get growing() {
    return [...this.#growing]
  }

  /** Waits until no capture is under way: a file that is being written has `.partial` for its last name. */
  async quiet(noticeMs) {
    for (let left = noticeMs; left > 0; left -= POLL_MS) {
      if (fs.readdirSync(this.#dir).some((file) => file.endsWith('.partial'))) left = noticeMs
      await sleep(POLL_MS)
    }
  }

  /** What was seen since the last time: automatic snapshots, oldest first, and how often a threshold was crossed. */
  take() {
    const seen = { snapshots: this.#snapshots, crossings: this.#crossings }
    this.#snapshots = []
    this.#crossings = 0
    return seen
  }
}

module.exports = { Watch, describe }
