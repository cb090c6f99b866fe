'use strict'
// What `npm run demo` and `npm test` need, brought about where it is missing or old: packages, the addon, the stock Nodes and
// DevTools' reader. Plain Node and its builtins only, since in a fresh clone there is nothing else.
const fs = require('node:fs')
const path = require('node:path')
const { spawnSync } = require('node:child_process')
const { ROOT, say, run, must } = require('./say.js')

const NODES = path.join(ROOT, '__test__', 'nodes')
const DEVTOOLS = path.join(ROOT, '__test__', 'devtools')
const CORPUS = path.join(ROOT, '__test__', 'programs', 'corpus')

const timeOf = (file) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1

/** The latest change of a file or of anything in a folder. */
function newest(entry) {
  const stat = fs.statSync(entry, { throwIfNoEntry: false })
  if (stat === undefined) return -1
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...fs.readdirSync(entry).map((name) => newest(path.join(entry, name))))
}

/** npm writes `.package-lock.json` when an installation is complete: older than the lock file means install again. */
function packagesAreOld(folder) {
  return timeOf(path.join(folder, 'node_modules', '.package-lock.json')) < timeOf(path.join(folder, 'package-lock.json'))
}

const NPM_CI = ['ci', '--no-audit', '--no-fund']

function ensurePackages() {
  if (!packagesAreOld(ROOT)) return
  say('installing the development packages (npm ci)')
  must('npm', NPM_CI)
}

const ADDON = path.join(ROOT, 'js', require('../js/addon-name.js'))

function ensureAddon() {
  const sources = Math.max(...['src', 'Cargo.toml', 'Cargo.lock', 'build.rs'].map((name) => newest(path.join(ROOT, name))))
  if (timeOf(ADDON) >= sources) return
  say('building the native addon, release profile (npm run build): a minute or two the first time')
  must('npm', ['run', '--silent', 'build'])
}

/** Of Node 18 leakhunt reads the snapshots, and does not run on it. */
const isReadOnly = (name) => name === 'node-18'

/** Every stock Node that is to be had here: `{name, path}`, or `{name, reason}` where there is none. */
function ensureNodes({ readOnly = false } = {}) {
  const all = Object.keys(require(path.join(NODES, 'package.json')).optionalDependencies)
  const names = all.filter((name) => readOnly || !isReadOnly(name))
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return names.map((name) => ({ name, reason: 'the stock binaries are for linux-x64' }))
  }
  if (packagesAreOld(NODES)) {
    say(`installing the stock Nodes that the tests run on: ${names.join(', ')}`)
    // Each package is called `node` to npm's eyes: no links, they would overwrite each other.
    run('npm', [...NPM_CI, '--no-bin-links'], { cwd: NODES })
  }
  return names.map((name) => {
    const file = path.join(NODES, 'node_modules', name, 'bin', 'node')
    if (!fs.existsSync(file)) return { name, reason: 'it could not be installed' }
    const { status, stdout, stderr, error } = spawnSync(file, ['--version'], { encoding: 'utf8' })
    if (status === 0) return { name, path: file, version: stdout.trim() }
    const why = (error?.message ?? stderr).trim().split('\n')[0]
    const hint = why.includes('libatomic') ? " (Debian's libatomic1 has it)" : ''
    return { name, reason: `it does not start: ${why}${hint}` }
  })
}

/** DevTools' reader as one file, or null with a word. */
function ensureDevTools() {
  const bundle = path.join(DEVTOOLS, 'dist', 'reader.mjs')
  if (packagesAreOld(DEVTOOLS)) {
    say("installing Chrome DevTools' heap-snapshot code, the independent reader of the tests")
    if (run('npm', NPM_CI, { cwd: DEVTOOLS }) !== 0) return null
  }
  const sources = Math.max(...['entry.mjs', 'build.js', 'package-lock.json'].map((name) => timeOf(path.join(DEVTOOLS, name))))
  if (timeOf(bundle) < sources && run(process.execPath, ['build.js'], { cwd: DEVTOOLS }) !== 0) return null
  return bundle
}

/** The libraries of the corpus' programs: are they there? */
function ensureCorpus() {
  if (!packagesAreOld(CORPUS)) return true
  say("installing the libraries that the corpus' programs use")
  return run('npm', NPM_CI, { cwd: CORPUS }) === 0
}

/** The program that tells leakhunt's facts about every object of a snapshot, or null with a word. */
function ensureFacts() {
  if (run('cargo', ['build', '--quiet', '--example', 'facts']) !== 0) return null
  return path.resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target', 'debug', 'examples', 'facts')
}

module.exports = { ensurePackages, ensureAddon, ensureNodes, ensureDevTools, ensureFacts, ensureCorpus }
