'use strict'
// npm run lint: every linter, each to its end, so that one run shows all that is wrong.
const path = require('node:path')
const { ROOT, say, run } = require('./say.js')
const { ensurePackages } = require('./setup.js')

ensurePackages()

const bin = (name) => path.join(ROOT, 'node_modules', '.bin', name)
const LINTERS = [
  ['cargo', ['fmt', '--check']],
  ['cargo', ['clippy', '--all-targets', '--quiet', '--', '-D', 'warnings']],
  [bin('eslint'), ['--max-warnings', '0', '.']],
  [bin('tsc'), ['--project', '__test__/types']],
]

const failed = LINTERS.filter(([command, args]) => run(command, args) !== 0).map(([command, args]) => `${path.basename(command)} ${args[0]}`)
if (failed.length > 0) {
  say(`lint: ${failed.join(', ')} found something`)
  process.exitCode = 1
} else {
  say('lint: nothing found')
}
