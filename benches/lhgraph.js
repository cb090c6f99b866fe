'use strict'
// How large is a graph as columns, and how long does it take to write and to read it, beside the text of the same graph?
//
//   npm run bench:lhgraph -- FILE.heapsnapshot [--rounds 5] [--levels 1,3]
//
// Snapshots to measure are kept by `npm run bench:analyze -- --folder DIR`. The text is written anew by leakhunt, so that both are of one graph. Reading is of files that the kernel
// has in memory, in a process of its own, measured by GNU time; rounds take turns, and the median is told.
const { execFileSync, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { parseArgs } = require('node:util')

const ROOT = path.join(__dirname, '..')
const TIME = '/usr/bin/time'
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, levels: { type: 'string', default: '1,3' } },
})
if (positionals.length === 0) throw new Error('no snapshot was given: expected the path of a .heapsnapshot')
if (!fs.existsSync(TIME)) throw new Error(`${TIME} is missing: expected GNU time, which measures the programs`)

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-bench-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))

/** The program that reads and writes, without Node. */
function built() {
  const told = execFileSync('cargo', ['bench', '--bench', 'lhgraph', '--no-default-features', '--no-run', '--message-format', 'json'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const artifacts = told.split('\n').filter(Boolean).map((line) => JSON.parse(line))
  return artifacts.find(({ reason, target, executable }) => reason === 'compiler-artifact' && target.name === 'lhgraph' && executable).executable
}

const PROGRAM = built()

/** Seconds that the program says it took, its CPU seconds and its peak of resident bytes. */
function measure(...args) {
  const figures = path.join(folder, 'figures')
  const { status, stdout } = spawnSync(TIME, ['-f', '%U %S %M', '-o', figures, PROGRAM, ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')} failed`)
  const [user, system, kilobytes] = fs.readFileSync(figures, 'utf8').trim().split('\n').at(-1).split(' ').map(Number)
  return { seconds: Number(stdout), cpu: user + system, rss: kilobytes * 1024 }
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1]
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`
const row = (cells) => console.log(`| ${cells.join(' | ')} |`)

console.log(`${os.cpus().length} x ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release()}, ${new Date().toISOString().slice(0, 10)}, ${values.rounds} rounds`)
for (const source of positionals) {
  const files = [{ name: '.heapsnapshot', file: source, written: '' }]
  for (const level of values.levels.split(',')) {
    for (const [verb, ending] of [['text', '.heapsnapshot.zst'], ['pack', '.lhgraph']]) {
      const file = path.join(folder, `${level}${ending}`)
      const { seconds } = measure(verb, source, file, level)
      files.push({ name: `${ending}, level ${level}`, file, written: `${seconds.toFixed(2)} s` })
    }
  }
  const runs = files.map(() => [])
  for (let round = 0; round < Number(values.rounds); round++) files.forEach(({ file }, index) => runs[index].push(measure('read', file)))
  console.log()
  row(['file', 'size', 'of the text', 'written in', 'read in, median (best)', 'CPU', 'peak memory'])
  console.log(`|${'---|'.repeat(7)}`)
  const text = fs.statSync(source).size
  files.forEach(({ name, file, written }, index) => {
    const of = (key) => median(runs[index].map((run) => run[key]))
    const best = Math.min(...runs[index].map((run) => run.seconds))
    const { size } = fs.statSync(file)
    row([name, megabytes(size), size === text ? '1' : `1/${(text / size).toFixed(0)}`, written, `${of('seconds').toFixed(2)} s (${best.toFixed(2)})`, `${of('cpu').toFixed(2)} s`, megabytes(of('rss'))])
  })
}
