'use strict'
// Runs one program of the corpus: sets it up, warms it up, and takes a forked snapshot after each round of work that follows.
// Its arguments are the program, a directory for the snapshots and how many of them to take; it prints where they are.
const leakhunt = require('../../../js/index.js')

const [, , file, dir, snapshots] = process.argv
const OPTIONS = { dir, rules: [], growth: false, capture: { nice: 0 }, limits: { minFreeDiskBytes: 0 } }

/** Rounds before the first snapshot, for programs that do not ask for more or fewer. */
const WARM_UP = 1

async function main() {
  const { setup = () => {}, round, warmUp = WARM_UP } = require(file)
  const hunt = leakhunt.start(OPTIONS)
  const paths = []
  await setup()
  for (let number = 0; number < warmUp + Number(snapshots); number++) {
    await round(number)
    if (number >= warmUp) paths.push((await hunt.snapshot()).path)
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
