'use strict'
// Where files go when nobody says: --diagnostic-dir, else ./leakhunt, else the system's temporary directory.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

/** The words of NODE_OPTIONS, as Node reads them: spaces separate, double quotes keep together, a backslash in quotes takes the next character as it is. */
function splitNodeOptions(text) {
  const words = text.match(/(?:"(?:\\.|[^"\\])*"?|[^\s"])+/g) ?? []
  return words.map((word) => word.replace(/"((?:\\.|[^"\\])*)"?/g, (_, inside) => inside.replace(/\\(.)/g, '$1')))
}

/** The value of a Node option, from the command line or from NODE_OPTIONS; the command line wins, and the last one does. */
function nodeOption(name, execArgv = process.execArgv, nodeOptions = process.env.NODE_OPTIONS ?? '') {
  const words = [...splitNodeOptions(nodeOptions), ...execArgv]
  let value = null
  for (let i = 0; i < words.length; i++) {
    const [, option, assigned] = /^(--[^=]+)(?:=([^]*))?$/.exec(words[i]) ?? []
    // V8's options may be written with underscores.
    if (option?.replaceAll('_', '-') !== name) continue
    value = assigned ?? words[i + 1] ?? value
  }
  return value
}

// Not mkdirSync's `recursive`: under /proc, where a directory is there and yet nothing can be made in it, that never
// returns on Node 20.
function makeDirectory(dir) {
  if (fs.existsSync(dir)) return
  makeDirectory(path.dirname(dir))
  try {
    fs.mkdirSync(dir, { mode: 0o700 })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
}

/** Makes the directory if it must; throws the file system's error where nothing can be written there. */
function makeWritable(dir) {
  makeDirectory(dir)
  if (!fs.statSync(dir).isDirectory()) throw Object.assign(new Error('it is not a directory'), { code: 'ENOTDIR' })
  fs.accessSync(dir, fs.constants.W_OK | fs.constants.X_OK)
  return dir
}

function firstWritable(candidates) {
  let last
  for (const dir of candidates) {
    try {
      return { dir: makeWritable(dir), error: null }
    } catch (error) {
      last = { dir, error }
    }
  }
  return last
}

/** The directory to use and, where it cannot be written, the error that says why. */
function chooseDirectory(explicit) {
  if (explicit !== undefined) return firstWritable([explicit])
  const diagnostic = nodeOption('--diagnostic-dir')
  const candidates = [path.resolve('leakhunt'), os.tmpdir()]
  if (diagnostic) candidates.unshift(path.resolve(diagnostic))
  return firstWritable(candidates)
}

module.exports = { chooseDirectory, nodeOption, splitNodeOptions }
