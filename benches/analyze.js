'use strict'
// How long do analysers of heap snapshots take, and how much memory? leakhunt beside @heap-snapshot/tool, memlab and Chrome DevTools' worker, all on the same
// snapshots in one run; and leakhunt alone on snapshots of growing size.
//
//   npm run bench:analyze [-- --records 390000] [--rounds 3] [--curve 4200,42000,130000,390000,850000] [--folder DIR] [--tool PATH] [--only one,three,curve]
//
// --folder keeps the snapshots for the next run. @heap-snapshot/tool is a binary that wants glibc 2.39: give the path of one that starts, here or in
// LEAKHUNT_BENCH_HEAP_SNAPSHOT. GNU time measures each program.

const { execFileSync, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const zlib = require('node:zlib')
const { parseArgs } = require('node:util')
const { ensureDevTools } = require('../scripts/setup.js')

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '390000' },
    curve: { type: 'string', default: '4200,42000,130000,390000,850000' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string' },
    tool: { type: 'string', default: process.env.LEAKHUNT_BENCH_HEAP_SNAPSHOT },
    only: { type: 'string', default: 'one,three,curve' },
  },
})

const ROOT = path.join(__dirname, '..')
const HERE = path.join(__dirname, 'analyze')
const TIME = '/usr/bin/time'
const folder = values.folder ?? fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-bench-'))
if (values.folder === undefined) process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))

const roomy = ['--max-old-space-size=16384']
/** It answers with 1 when there is a leak. */
const CLI = path.join(ROOT, 'js', 'cli.js')
const leakhunt = (...files) => [process.execPath, CLI, 'analyze', ...files, '--json']
const megabytes = (bytes) => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1]
const row = (cells) => console.log(`| ${cells.join(' | ')} |`)

function table(head) {
  console.log()
  row(head)
  console.log(`|${'---|'.repeat(head.length)}`)
}

/** Snapshots of a program with so many records, made unless they are there. */
function snapshots(records, count) {
  const dir = path.join(folder, String(records))
  const files = Array.from({ length: count }, (_, index) => path.join(dir, `${index + 1}.heapsnapshot`))
  if (!files.every((file) => fs.existsSync(file))) {
    fs.mkdirSync(dir, { recursive: true })
    execFileSync(process.execPath, ['--expose-gc', ...roomy, path.join(HERE, 'make.js'), dir, String(records), String(count)], { stdio: 'inherit' })
  }
  return files
}

/** Wall and CPU seconds and peak resident bytes of one program; nothing, if it failed. */
function measure(command) {
  const figures = path.join(folder, 'figures')
  const { status } = spawnSync(TIME, ['-f', '%e %U %S %M', '-o', figures, ...command], { stdio: 'ignore' })
  const isAnswer = status === 0 || (status === 1 && command.includes(CLI))
  if (!isAnswer) return undefined
  const [wall, user, system, kilobytes] = fs.readFileSync(figures, 'utf8').trim().split('\n').at(-1).split(' ').map(Number)
  return { wall, cpu: user + system, rss: kilobytes * 1024 }
}

/** Rounds of all programs in turn, so that what else the machine does hits all of them alike. */
function race(programs, rounds) {
  const results = programs.map(() => [])
  for (let round = 0; round < rounds; round++) {
    programs.forEach(({ command }, index) => results[index].push(measure(command)))
  }
  return programs.map(({ name, question }, index) => {
    const runs = results[index]
    if (runs.includes(undefined)) return { name, question }
    const of = (key) => median(runs.map((run) => run[key]))
    return { name, question, wall: of('wall'), best: Math.min(...runs.map((run) => run.wall)), cpu: of('cpu'), rss: of('rss') }
  })
}

/** Against the first of them. */
function tell(results) {
  table(['program', 'question', 'wall, median (best)', 'CPU', 'peak memory', 'times our wall', 'times our memory'])
  const [ours] = results
  for (const { name, question, wall, best, cpu, rss } of results) {
    if (wall === undefined) row([name, question, 'failed', '', '', '', ''])
    else {
      const times = [wall / ours.wall, rss / ours.rss].map((ratio) => ratio.toFixed(1))
      row([name, question, `${wall.toFixed(2)} s (${best.toFixed(2)})`, `${cpu.toFixed(2)} s`, megabytes(rss), ...times])
    }
  }
}

function compress(file) {
  const packed = `${file}.zst`
  if (fs.existsSync(packed)) return packed
  if (zlib.createZstdCompress === undefined) {
    execFileSync('zstd', ['-q', '-1', file, '-o', packed])
  } else {
    execFileSync(process.execPath, ['-e', `const fs = require('fs'), zlib = require('zlib')
      fs.createReadStream(${JSON.stringify(file)}).pipe(zlib.createZstdCompress()).pipe(fs.createWriteStream(${JSON.stringify(packed)}))`])
  }
  return packed
}

function raceOverOne(file) {
  ensureDevTools()
  const one = [
    { name: 'leakhunt', question: 'analyze, one file', command: leakhunt(file) },
    { name: 'leakhunt', question: 'the same from .zst', command: leakhunt(compress(file)) },
    { name: "Chrome DevTools' worker", question: 'read, list classes', command: [process.execPath, ...roomy, path.join(HERE, 'summary.mjs'), file] },
  ]
  if (values.tool) one.push({ name: '@heap-snapshot/tool', question: 'summary', command: [values.tool, 'summary', file] })
  else console.log('@heap-snapshot/tool: no path to a binary was given (--tool), so it is left out')
  tell(race(one, Number(values.rounds)))
}

function raceOverThree(files) {
  if (!fs.existsSync(path.join(HERE, 'node_modules'))) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: HERE, stdio: 'inherit' })
  }
  tell(
    race(
      [
        { name: 'leakhunt', question: 'analyze, three files', command: leakhunt(...files) },
        { name: 'memlab', question: 'find-leaks, three files', command: [process.execPath, ...roomy, path.join(HERE, 'find-leaks.js'), ...files] },
      ],
      1,
    ),
  )
}

function curve() {
  table(['snapshot', 'nodes', 'edges', 'wall, best', 'CPU', 'CPU for each million edges', 'peak memory', 'bytes for each edge'])
  for (const records of values.curve.split(',')) {
    const [file] = snapshots(records, 1)
    const [program] = race([{ command: leakhunt(file) }], Number(values.rounds))
    const { nodes, edges } = JSON.parse(execFileSync(process.execPath, leakhunt(file).slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).snapshots[0]
    row([
      megabytes(fs.statSync(file).size),
      nodes.toLocaleString('en'),
      edges.toLocaleString('en'),
      `${program.best.toFixed(2)} s`,
      `${program.cpu.toFixed(2)} s`,
      `${((program.cpu / edges) * 1e6).toFixed(3)} s`,
      megabytes(program.rss),
      (program.rss / edges).toFixed(1),
    ])
  }
}

if (!fs.existsSync(TIME)) throw new Error(`${TIME} is missing: expected GNU time, which measures the programs`)
console.log(`${os.cpus().length} x ${os.cpus()[0].model.trim()}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`)
if (/one|three/.test(values.only)) {
  const files = snapshots(values.records, 3)
  console.log(`\nSnapshots of ${files.map((file) => megabytes(fs.statSync(file).size)).join(', ')}; one is the last of them; ${values.rounds} rounds`)
  if (values.only.includes('one')) raceOverOne(files[2])
  if (values.only.includes('three')) raceOverThree(files)
}
if (values.only.includes('curve')) curve()
