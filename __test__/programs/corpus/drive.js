'use strict'
// Runs one program of the corpus: sets it up, warms it up, and takes a forked snapshot after each round of work that follows.
// Its arguments are the program, a directory for the snapshots and how many of them to take; it prints where they are.
const path = require('node:path')
const v8 = require('node:v8')

const [, , file, dir, snapshots] = process.argv
const OPTIONS = { dir, rules: [], growth: false, capture: { nice: 0 }, limits: { minFreeDiskBytes: 0 } }

/** Rounds before the first snapshot, for programs that do not ask for more or fewer. */
const WARM_UP = 1

/** Takes a snapshot and resolves to its path. In a Node that leakhunt does not run on and whose files it reads, V8 writes them itself. */
function photographer() {
  const isOld = Number(process.versions.node.split('.')[0]) < 20
  if (isOld) return async (number) => v8.writeHeapSnapshot(path.join(dir, `${String(number).padStart(3, '0')}.heapsnapshot`))
  const hunt = require('../../../js/index.js').start(OPTIONS)
  return async () => (await hunt.snapshot()).path
}

async function main() {
  const { setup = () => {}, round, warmUp = WARM_UP } = require(file)
  const snapshot = photographer()
  const paths = []
  await setup()
  for (let number = 0; number < warmUp + Number(snapshots); number++) {
    await round(number)
    if (number >= warmUp) paths.push(await snapshot(number))
  }
  process.stdout.write(JSON.stringify({ paths }))
}

// What leaks may hold the process.
main().then(
  () => process.exit(),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
