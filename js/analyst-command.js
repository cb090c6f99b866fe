'use strict'
// How the process is started in which an unattended hunt is analysed: this same Node, with nothing of the app's but its place on disk.
const fs = require('node:fs')
const path = require('node:path')

const SCRIPT = path.join(__dirname, 'analyst.js')
/** What a Node may need to start at all. The rest of the environment is the app's, with its secrets and its NODE_OPTIONS. */
const KEPT = ['LD_LIBRARY_PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG']

/** Half a character has no place in JSON for Rust. */
const wellFormed = (texts) => Object.fromEntries(Object.entries(texts).map((pair) => pair.map((text) => text.toWellFormed())))

function isSingleExecutable() {
  try {
    return require('node:sea').isSea()
  } catch {
    return false
  }
}

/** Why this program cannot be started once more as a plain Node, or null. */
function unavailable(program, script) {
  const run = 'the snapshots can be compared by hand, with `leakhunt analyze`'
  if (isSingleExecutable() || process.pkg !== undefined) return `the app is a single executable, and no Node is beside it; ${run}`
  if (process.versions.electron !== undefined) return `${program} is Electron and no Node; ${run}`
  // Node's permission model, where the app runs under it.
  if (process.permission !== undefined && !process.permission.has('child')) return `Node's permission model lets this app start none; ${run}`
  if (!fs.existsSync(program)) return `${program} is no longer there; ${run}`
  // A bundle has this file in itself and not on disk.
  if (!fs.existsSync(script)) return `${script} is not there, as in a bundle; ${run}`
  return null
}

/** `known` is the file with leaks that do not count, or null. */
function analystCommand(known, program = process.execPath, script = SCRIPT) {
  const environment = Object.fromEntries(KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
  return {
    command: [program, script, known ?? ''].map((word) => word.toWellFormed()),
    // It is not to record, nor to hunt in its turn.
    environment: { ...wellFormed(environment), LEAKHUNT: '0' },
    unavailable: unavailable(program, script),
  }
}

module.exports = { analystCommand, wellFormed }
