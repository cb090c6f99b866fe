'use strict'
// npm run demo: everything it needs, then `leakhunt demo`.
const path = require('node:path')
const { ROOT, run } = require('./say.js')
const { ensurePackages, ensureAddon } = require('./setup.js')

ensurePackages()
ensureAddon()
process.exitCode = run(process.execPath, [path.join(ROOT, 'js', 'cli.js'), 'demo', ...process.argv.slice(2)])
