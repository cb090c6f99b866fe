'use strict'
// npm run stress:capture [-- --count 1000] [--what snapshot|census] [--nodes 20,24] [--kinds heap,zlib,fs+heap,workers]: that many forked captures on each stock Node, shared
// out over kinds of churn. Prints a table, and fails where a process crashed or hung, where anything stayed behind, where more than one in a hundred was refused, or where
// what leakhunt plants did not come out right, so that V8's generator took over.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { spawn } = require('node:child_process')
const { parseArgs } = require('node:util')
const { ROOT, say } = require('./say.js')
const { ensurePackages, ensureAddon, ensureNodes } = require('./setup.js')

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    what: { type: 'string', default: 'snapshot' },
    nodes: { type: 'string', default: '20,22,24,26' },
    kinds: { type: 'string', default: 'heap,zlib,fs+heap,zlib,fs,spawn+heap,workers' },
  },
})

const PROGRAM = path.join(ROOT, '__test__', 'programs', 'churn.js')
const REFUSED_AT_MOST = 0.01
/** The resident set late in a run against that early in it. What the app itself holds moves it, so this is for a leak of every capture. */
const GROWTH_AT_MOST = 1.3

function churn(node, count, kinds) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-stress-'))
  const env = { ...process.env, NODE_OPTIONS: undefined }
  const child = spawn(node, [PROGRAM, dir, String(count), kinds, values.what], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part) => (text += part))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, text }))
  }).finally(() => fs.rmSync(dir, { recursive: true, force: true }))
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1]
const quarter = (list, number) => list.slice(Math.floor((list.length * (number - 1)) / 4), Math.ceil((list.length * number) / 4))
const share = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`

function row(version, kinds, count, { taken, refused, partial, children, rssBytes }) {
  const pauses = taken.map(({ pauseMs }) => pauseMs)
  const growth = median(quarter(rssBytes, 4)) / median(quarter(rssBytes, 2))
  const cells = [
    version,
    kinds,
    taken.length,
    share(taken.filter(({ visits }) => visits === 1).length, taken.length),
    share(taken.filter(({ attempts }) => attempts === 1).length, taken.length),
    Math.max(...taken.map(({ attempts }) => attempts)),
    refused.length,
    `${median(pauses).toFixed(1)} (${Math.max(...pauses).toFixed(1)})`,
    growth.toFixed(2),
    partial.length + children.length,
  ]
  console.log(`| ${cells.join(' | ')} |`)
  const codes = [...new Set(refused.map(({ code, message }) => `${code}: ${message}`))]
  for (const each of codes) say(`refused: ${each}`)
  const wrong = []
  const byV8 = taken.filter(({ engine }) => engine !== 'pages').length
  if (byV8 > 0) wrong.push(`${byV8} were made by V8's generator`)
  if (refused.length > count * REFUSED_AT_MOST) wrong.push(`${refused.length} of ${count} were refused`)
  if (partial.length + children.length > 0) wrong.push(`left behind: ${[...partial, ...children].join(', ')}`)
  if (rssBytes.length >= 40 && growth > GROWTH_AT_MOST) wrong.push(`the resident set grew ${growth.toFixed(2)} times`)
  return wrong
}

async function main() {
  ensurePackages()
  ensureAddon()
  const wanted = values.nodes.split(',')
  const nodes = ensureNodes().filter(({ name }) => wanted.some((major) => name.endsWith(major)))
  const kinds = values.kinds.split('+')
  const each = Math.ceil(Number(values.count) / kinds.length)
  let failed = false
  console.log(`${os.cpus().length} x ${os.cpus()[0].model.trim()}, Linux ${os.release()}, ${new Date().toISOString().slice(0, 10)}\n`)
  console.log('| Node | busy with | captured | at the first visit | at the first fork | most forks | refused | stop in ms, median (longest) | resident set, late / early | left behind |')
  console.log('|---|---|---|---|---|---|---|---|---|---|')
  for (const { name, path: node, version, reason } of nodes) {
    if (node === undefined) {
      say(`${name} skipped: ${reason}`)
      continue
    }
    for (const kind of kinds) {
      const { code, signal, text } = await churn(node, each, kind)
      const wrong = code === 0 ? row(version, kind, each, JSON.parse(text)) : [`the program ended with ${signal ?? `code ${code}`}`]
      for (const what of wrong) say(`${version}, ${kind}: ${what}`)
      failed ||= wrong.length > 0
    }
  }
  process.exitCode = failed ? 1 : 0
}

main()
