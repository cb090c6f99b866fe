'use strict'
// The corpus: programs that leak and programs that only look like it, each run in a process of its own and judged by its
// snapshots. See docs/corpus.md for what a program exports.
const fs = require('node:fs')
const path = require('node:path')
const leakhunt = require('../js/index.js')
const { answerOf, program } = require('./program.js')

const FOLDER = program('corpus')
const DRIVE = path.join(FOLDER, 'drive.js')
const MARKER = '// the leak'

/** Every program as `{ name, file, leaks, lines, miss }`; `lines` are those that carry the marker. */
function corpus() {
  return ['leaking', 'healthy'].flatMap((kind) => {
    const files = fs.readdirSync(path.join(FOLDER, kind)).filter((file) => file.endsWith('.js'))
    return files.map((file) => describe(kind, path.join(FOLDER, kind, file)))
  })
}

function describe(kind, file) {
  const { leaks = null, miss = null } = require(file)
  const name = path.basename(file, '.js')
  if ((kind === 'leaking') !== (leaks !== null)) throw new Error(`${file}: what is in ${kind}/ says that it is not`)
  const source = fs.readFileSync(file, 'utf8').split('\n')
  const lines = source.flatMap((line, index) => (line.includes(MARKER) ? [index + 1] : []))
  if (leaks !== null && lines.length === 0) throw new Error(`${file}: no line says '${MARKER}'`)
  return { name, file, leaks, lines, miss }
}

/** Runs a program on the Node at `node`, and judges it by so many snapshots. Those that are in `dir` already serve as well. */
async function tryOut(one, { node = process.execPath, snapshots = 3, dir }) {
  const known = snapshotsIn(dir)
  const paths = known.length === snapshots ? known : await snapshotsOf(one, node, snapshots, dir)
  const verdict = await leakhunt.analyze(paths)
  return { ...compare(one, verdict), verdict }
}

async function snapshotsOf(one, node, snapshots, dir) {
  fs.mkdirSync(dir, { recursive: true })
  const { paths } = await answerOf([DRIVE, one.file, dir, String(snapshots)], { command: node })
  return paths
}

/** Oldest first: their names begin with the time. */
function snapshotsIn(dir) {
  const names = fs.existsSync(dir) ? fs.readdirSync(dir).filter((name) => /\.heapsnapshot(\.zst)?$/.test(name)) : []
  return names.sort().map((name) => path.join(dir, name))
}

const oneOf = (expected, value) => [expected].flat().some((each) => (each instanceof RegExp ? each.test(value ?? '') : each === value))

const isTheLeak = ({ leaks }, suspect) => oneOf(leaks.class, suspect.class)

/** How the verdict compares with what is true of the program. `null` is a question that does not arise. */
function compare(one, { verdict, suspects }) {
  if (one.leaks === null) return { said: verdict, right: verdict !== 'leak', rank: null, cause: null, holder: null, line: null }
  const found = suspects.find((suspect) => isTheLeak(one, suspect))
  const { location, holder } = found ?? {}
  return {
    said: verdict,
    right: verdict === 'leak' && found?.rank === 1,
    rank: found?.rank ?? null,
    cause: found !== undefined && oneOf(one.leaks.cause, found.cause),
    holder: found !== undefined && [holder.name, holder.class].some((name) => oneOf(one.leaks.holder, name)),
    line: Boolean(location) && location.script.endsWith(one.file) && one.lines.includes(location.line),
  }
}

module.exports = { corpus, tryOut, isTheLeak }
