'use strict'
// npm run test:long: everything that npm test runs and what it leaves out, since it takes minutes or wants root: the Debian
// packages that the stock Nodes need, every one of them, four times the churn, and the demo on a busy machine.
const path = require('node:path')
const { spawnSync } = require('node:child_process')
const { say, run, must } = require('./say.js')

const DEBIAN = ['libatomic1']

if (process.getuid?.() === 0 && spawnSync('dpkg', ['--status', ...DEBIAN]).status !== 0) {
  say(`installing ${DEBIAN.join(', ')}`)
  must('apt-get', ['update', '-qq'])
  must('apt-get', ['install', '-y', '-qq', ...DEBIAN])
}
process.exitCode = run(process.execPath, [path.join(__dirname, 'test.js'), '--long', '--demo', ...process.argv.slice(2)], {
  env: { ...process.env, TEST_ALL_NODES: '1' },
})
