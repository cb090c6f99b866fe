'use strict'
// npm test: sets up what is missing, then runs the pure Rust tests and the specs. Those in __test__/every-node run on every
// stock Node with one and the same addon, those in __test__/one-node once, on the Node that runs this.
// `npm test -- 24 capture` runs the specs whose path has `capture`, on Node 24 only; --long makes the churn longer, --demo adds
// the demo, on a quiet machine and on a busy one.
const fs = require('node:fs')
const path = require('node:path')
const { ROOT, say } = require('./say.js')
const { ensurePackages, ensureAddon, ensureNodes, ensureDevTools, ensureFacts } = require('./setup.js')
const { runCargo, runSpecs, runDemo, total, show } = require('./tally.js')

const words = process.argv.slice(2)
const long = words.includes('--long')
const majors = words.filter((word) => /^\d+$/.test(word))
const names = words.filter((word) => !/^(\d+|--long|--demo)$/.test(word))

function specs(folder) {
  const full = path.join('__test__', folder)
  return fs
    .readdirSync(path.join(ROOT, full))
    .filter((file) => file.endsWith('.spec.js'))
    .map((file) => path.join(full, file))
    .filter((file) => names.length === 0 || names.some((name) => file.includes(name)))
}

ensurePackages()
ensureAddon()
const nodes = ensureNodes().filter(({ name }) => majors.length === 0 || majors.some((major) => name.endsWith(major)))
const devtools = ensureDevTools()
if (devtools === null) say("DevTools' reader could not be had: its tests are skipped")

// A minute of building that only one spec is worth.
const facts = specs('every-node').some((spec) => spec.includes('devtools')) ? ensureFacts() : null

const env = { ...process.env, TEST_DEVTOOLS: devtools ?? '', TEST_FACTS: facts ?? '', TEST_LONG: long ? '1' : '' }
// A setting of the person who runs the tests must not reach the programs under test.
for (const name of Object.keys(env)) if (/^(LEAKHUNT|NODE_OPTIONS$)/.test(name)) delete env[name]

const rows = []
if (names.length === 0 && majors.length === 0) rows.push(runCargo())
if (majors.length === 0) rows.push(runSpecs(`Node ${process.version}, once`, process.execPath, specs('one-node'), env))
for (const node of nodes) {
  if (node.path) rows.push(runSpecs(`stock Node ${node.version}`, node.path, specs('every-node'), env))
  else if (process.env.TEST_ALL_NODES) rows.push({ name: `${node.name}: ${node.reason}`, passed: 0, failed: 1, skipped: 0 })
  else rows.push({ name: `${node.name} skipped: ${node.reason}`, passed: 0, failed: 0, skipped: 1 })
}
if (!nodes.some((node) => node.path) && majors.length === 0) {
  rows.push(runSpecs(`Node ${process.version}, for want of a stock one`, process.execPath, specs('every-node'), env))
}
if (words.includes('--demo')) rows.push(runDemo(0), runDemo(2))
show(rows)
const { passed, failed } = total(rows)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
