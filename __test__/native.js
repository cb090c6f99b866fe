'use strict'
// Libraries in C that a test puts under a program (LD_PRELOAD), built where there is a compiler.
const path = require('node:path')
const { spawnSync } = require('node:child_process')
const { freshDir } = require('./program.js')

/** The library made from `native/<name>.c`; null, and the test is skipped, where none can be built. */
function buildLibrary(t, name) {
  const library = path.join(freshDir(t), `lib${name}.so`)
  const source = path.join(__dirname, 'native', `${name}.c`)
  const { status, stderr, error } = spawnSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl'])
  if (status === 0) return library
  t.skip(`no C compiler for lib${name}.so: ${error?.message ?? stderr}`)
  return null
}

module.exports = { buildLibrary }
