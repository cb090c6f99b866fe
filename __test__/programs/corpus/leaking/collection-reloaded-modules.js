'use strict'
// Configuration is read afresh: the module is taken out of the cache and required again. Its parent keeps all its children.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

let file

function reload() { // the leak
  delete require.cache[file]
  return require(file)
}

function setup() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-corpus-reload-'))
  process.once('exit', () => fs.rmSync(dir, { recursive: true, force: true }))
  file = path.join(fs.realpathSync(dir), 'settings.js')
  fs.writeFileSync(file, 'module.exports = { theme: "light", sizes: [1, 2, 3] }\n')
}

function round() {
  for (let i = 0; i < 100; i++) reload()
}

module.exports = {
  leaks: { cause: ['collection', 'other'], class: 'Module', holder: 'children' },
  miss: 'the line is in the loader of Node, whose calls leave no notes that lead to the program',
  setup,
  round,
}
