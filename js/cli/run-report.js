'use strict'
// What a program left behind: the snapshots that are new in the directory, analysed on stderr. Never changes how `run` ends.
const fs = require('node:fs')
const path = require('node:path')
const { setTimeout: sleep } = require('node:timers/promises')
const { analyzeAnyway } = require('../analyze.js')
const { native } = require('../native.js')
const { originOf } = require('../snapshot-name.js')
const { look, oneLine, progress, say } = require('./say.js')
const { visible } = require('../visible.js')

const UNFINISHED = /^Heap\..*\.(heapsnapshot\.zst|lhgraph)\.partial$/
const POLL_MS = 200
const PATIENCE_MS = 60_000

function listFiles(dir) {
  try {
    return fs.readdirSync(dir)
  } catch {
    return []
  }
}

/** A capture that the program began outlives it; its file is `.partial` until it is whole. */
async function whenWhole(dir, before) {
  const until = Date.now() + PATIENCE_MS
  for (let told = false; ; told = true) {
    const fresh = listFiles(dir).filter((file) => !before.has(file))
    if (!fresh.some((file) => UNFINISHED.test(file)) || Date.now() > until) return fresh
    if (!told) say('leakhunt: the last snapshot is still being written')
    await sleep(POLL_MS)
  }
}

/** The files of that thread of that process which left most, oldest first: only those can be compared. */
function comparable(files) {
  const groups = new Map()
  for (const file of files) {
    const origin = originOf(file)
    if (origin === null) continue
    groups.set(origin.of, [...(groups.get(origin.of) ?? []), { file, number: origin.number }])
  }
  const [most = []] = [...groups.values()].toSorted((a, b) => b.length - a.length)
  return most.toSorted((a, b) => a.number - b.number).map(({ file }) => file)
}

async function reportRun(dir, before, known) {
  const files = comparable(await whenWhole(dir, before)).map((file) => path.join(dir, file))
  if (files.length === 0) return say('leakhunt: no snapshot was taken (it takes a threshold that is crossed, such as --heap-used-bytes 300MiB, or growth over several full collections)')
  if (files.length === 1) return say(`leakhunt: one snapshot was taken, and it takes two to compare: ${visible(files[0])}`)
  say(`leakhunt: comparing ${files.length} snapshots in ${visible(dir)}`)
  const shown = progress()
  try {
    const verdict = await analyzeAnyway(files, { known, onProgress: (step) => shown.update(step) })
    shown.end()
    const { columns, color } = look(process.stderr)
    say(native().verdictText(JSON.stringify(verdict), columns, color).trimEnd())
  } catch (error) {
    shown.end()
    say(`leakhunt: the snapshots could not be compared: ${oneLine(error.message)} (${error.code ?? 'ERR_LEAKHUNT_INTERNAL'})`)
  }
}

module.exports = { reportRun, listFiles }
