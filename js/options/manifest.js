'use strict'
// The application's own package.json: the nearest one above the program that runs, or above the working directory where
// the program is somebody else's tool (anything in node_modules).
const fs = require('node:fs')
const path = require('node:path')

// In /tmp anybody can lay a package.json above somebody else's program, and settings say where heaps go.
const othersCanWrite = (place) => (fs.statSync(place).mode & 0o002) !== 0

function nearestManifest(from) {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json')
    if (fs.existsSync(file) && !othersCanWrite(folder) && !othersCanWrite(file)) return file
    if (path.dirname(folder) === folder) return null
  }
}

function findManifest(program = process.argv[1], cwd = process.cwd()) {
  if (typeof program === 'string' && path.isAbsolute(program) && !program.split(path.sep).includes('node_modules')) {
    const file = nearestManifest(path.dirname(program))
    if (file !== null) return file
  }
  return nearestManifest(cwd)
}

// A tool that is installed elsewhere runs in any folder that somebody unpacks or clones: what lies there is not to start programs.
function isFromProgram(file, program) {
  if (typeof program !== 'string' || !path.isAbsolute(program)) return false
  const way = path.relative(path.dirname(file), program)
  return way !== '..' && !way.startsWith(`..${path.sep}`)
}

/**
 * `{file, settings, fromProgram}` of the "leakhunt" field; settings is undefined where there is none. `fromProgram` says whether the program is in the
 * folder of that file, and so by the same people. Throws what JSON.parse throws.
 */
function readManifest(file = findManifest(), program = process.argv[1]) {
  if (file === null) return { file: null, settings: undefined, fromProgram: false }
  const manifest = JSON.parse(fs.readFileSync(file, 'utf8'))
  return { file, settings: manifest?.leakhunt, fromProgram: isFromProgram(file, program) }
}

module.exports = { readManifest, findManifest }
