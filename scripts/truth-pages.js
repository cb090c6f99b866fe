'use strict'
// npm run truth:pages: programs of __test__/programs/truth on every stock Node, each heap told by leakhunt from its pages and by V8 in the same forked child, and the two held
// against each other by class. `npm run truth:pages -- 24 26 weak` for some Nodes and programs (those whose name has the word in it).
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { spawnSync } = require('node:child_process')
const { ROOT, say } = require('./say.js')
const { ensurePackages, ensureAddon, ensureNodes, ensureCorpus } = require('./setup.js')

const SHOWN = 8
const PATIENCE_MS = 240_000
const PROGRAMS = path.join(ROOT, '__test__', 'programs', 'truth')
const RUN = path.join(ROOT, '__test__', 'programs', 'truth.js')

ensurePackages()
ensureAddon()
if (!ensureCorpus()) say("the corpus' packages are missing: programs that use them will fail")
const { compare, compareByDesign } = require('../__test__/truth/compare.js')

const words = process.argv.slice(2)
const majors = words.filter((word) => /^\d+$/.test(word))
const names = words.filter((word) => !majors.includes(word))
const programs = fs
  .readdirSync(PROGRAMS)
  .map((file) => path.basename(file, '.js'))
  .filter((name) => name !== 'many' && (names.length === 0 || names.some((word) => name.includes(word))))

const figures = ({ count, shallowBytes, retainedBytes }) => `${count} / ${shallowBytes} / ${retainedBytes}`
const part = (one, other) => Math.abs(one - other) / Math.max(other, 1)
const largest = ({ rows }) => Math.max(0, ...rows.filter(({ v8 }) => v8.retainedBytes > 1024).map(({ pages, v8 }) => part(pages.retainedBytes, v8.retainedBytes)))
const wrongOf = ({ rows }) => rows.filter(({ wrong }) => wrong.length > 0).toSorted((one, other) => Math.abs(other.pages.retainedBytes - other.v8.retainedBytes) - Math.abs(one.pages.retainedBytes - one.v8.retainedBytes))

function show(row) {
  const { class: name, pages, v8, wrong } = row
  process.stdout.write(`    ${name.slice(0, 44).padEnd(46)} ${figures(pages).padEnd(28)} V8 ${figures(v8).padEnd(28)} ${wrong.join(', ')}\n`)
}

/** One program on one Node: what of it is out of bounds, as it is and without what is by design. */
async function truthOf(node, name) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-truth-'))
  try {
    // The collection before V8's generator lets go of code that was not used since the one before the graph.
    const { status, stdout, stderr } = spawnSync(node, ['--no-flush-bytecode', '--expose-gc', RUN, name, dir], { encoding: 'utf8', timeout: PATIENCE_MS, maxBuffer: 2 ** 28 })
    if (status !== 0) return { failed: stderr.trim().split('\n').slice(0, 5).join('\n') }
    const { path: pages, v8Path } = JSON.parse(stdout)
    return { plain: await compare(pages, v8Path), designed: await compareByDesign(pages, v8Path, dir) }
  } finally {
    fs.rmSync(dir, { recursive: true, force: true })
  }
}

async function main() {
  const table = []
  for (const { name: major, path: node, version, reason } of ensureNodes()) {
    if (majors.length > 0 && !majors.some((wanted) => major.endsWith(`-${wanted}`))) continue
    if (node === undefined) {
      say(`${major} is left out: ${reason}`)
      continue
    }
    for (const name of programs) {
      const { failed, plain, designed } = await truthOf(node, name)
      if (failed !== undefined) {
        process.stdout.write(`${version} ${name}: failed\n${failed}\n`)
        table.push({ version, name, failed: true })
        continue
      }
      const [wrong, asIs] = [wrongOf(designed), wrongOf(plain)]
      const paths = designed.paths.filter(({ same }) => !same)
      process.stdout.write(`${version} ${name}: ${designed.rows.length} classes, ${wrong.length} out of bounds, ${paths.length} of ${designed.paths.length} paths differ (as it is: ${asIs.length} of ${plain.rows.length})\n`)
      wrong.slice(0, SHOWN).forEach(show)
      for (const { class: from, pages, v8 } of paths) process.stdout.write(`    ${from}: ${pages.slice(0, 3).join('\n      ')}\n      V8 ${v8.slice(0, 3).join('\n         ')}\n`)
      table.push({ version, name, classes: designed.rows.length, wrong: wrong.length, paths: paths.length, largest: largest(designed), asIs: asIs.length, most: plain.rows.length })
    }
  }
  process.stdout.write(`\n${'Node'.padEnd(10)} ${'program'.padEnd(16)} ${'classes'.padStart(8)} ${'wrong'.padStart(6)} ${'paths'.padStart(6)} ${'retained'.padStart(9)}   as it is\n`)
  for (const row of table) {
    if (row.failed) process.stdout.write(`${row.version.padEnd(10)} ${row.name.padEnd(16)}   failed\n`)
    else
      process.stdout.write(
        `${row.version.padEnd(10)} ${row.name.padEnd(16)} ${String(row.classes).padStart(8)} ${String(row.wrong).padStart(6)} ${String(row.paths).padStart(6)} ${`${(100 * row.largest).toFixed(2)} %`.padStart(9)}   ${row.asIs} of ${row.most}\n`,
      )
  }
  if (table.some(({ failed, wrong, paths }) => failed || wrong > 0 || paths > 0)) process.exitCode = 1
}

main()
