'use strict'
// npm run corpus: every program of the corpus on every stock Node, and how often leakhunt's answer is right. Ends with 1 where
// an answer is wrong and the program does not say why, or where it says why and the answer is right.
// `npm run corpus -- --nodes 20,22 --only listener --snapshots 5 --json FILE` asks for less, for longer, and keeps all verdicts.
// With `--keep DIR` the snapshots stay in DIR, and those that are there already are judged again without running the program.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { parseArgs } = require('node:util')
const { say } = require('./say.js')
const { ensurePackages, ensureAddon, ensureNodes, ensureCorpus } = require('./setup.js')

const { values: wanted } = parseArgs({
  options: {
    nodes: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    snapshots: { type: 'string', default: '3' },
    json: { type: 'string' },
    keep: { type: 'string' },
  },
})

ensurePackages()
ensureAddon()
if (!ensureCorpus()) process.exit(2)
const majors = wanted.nodes.split(',').filter(Boolean)
const nodes = ensureNodes({ readOnly: majors.includes('18') }).filter(({ name }) => majors.length === 0 || majors.some((major) => name.endsWith(`-${major}`)))
for (const { name, reason } of nodes.filter((node) => !node.path)) say(`${name} is left out: ${reason}`)

const { corpus, tryOut } = require('../__test__/corpus.js')
const { row, HEAD, totals, calibration } = require('../__test__/corpus-figures.js')

const programs = corpus().filter(({ name }) => name.includes(wanted.only))
const snapshots = Number(wanted.snapshots)

/** What comes of one program on one Node. */
async function outcomeOf(one, node) {
  const kept = wanted.keep && path.resolve(wanted.keep, node.version, `${one.name}-${snapshots}`)
  const dir = kept ?? fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-corpus-'))
  try {
    return { ...one, node: node.version, ...(await tryOut(one, { node: node.path, snapshots, dir })) }
  } finally {
    if (!kept) fs.rmSync(dir, { recursive: true, force: true })
  }
}

/** All programs on one Node, as many at a time as there are cores. */
async function tryAll(node) {
  const outcomes = []
  const left = [...programs]
  const work = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const outcome = await outcomeOf(one, node)
      outcomes.push(outcome)
      process.stdout.write(row(outcome))
    }
  }
  await Promise.all(Array.from({ length: os.availableParallelism() }, work))
  return outcomes
}

async function main() {
  const all = []
  for (const node of nodes.filter(({ path: found }) => found)) {
    process.stdout.write(`\nNode ${node.version}, ${snapshots} snapshots of each program\n\n${HEAD}`)
    const outcomes = await tryAll(node)
    process.stdout.write(totals(outcomes).text)
    all.push(...outcomes)
  }
  process.stdout.write(calibration(all))
  if (wanted.json) fs.writeFileSync(wanted.json, JSON.stringify(all, null, 1))
  process.exitCode = all.length > 0 && totals(all).asPromised ? 0 : 1
}

main().catch((error) => {
  say(error.stack)
  process.exitCode = 2
})
