'use strict'
// Plants what a program of truth/ makes, and captures it from its pages and by V8 in one forked child: node truth.js NAME DIR. Prints where the two files are.
const path = require('node:path')
const leakhunt = require('../../js/index.js')

const [name, dir] = process.argv.slice(2)
const options = { dir, hunt: false, rules: [], redact: false, capture: { nice: 0 } }
const COLLECTIONS = 4
const request = { besideV8: true, reason: name }

async function capture() {
  const hunt = leakhunt.start(options)
  const details = await hunt.snapshot(request)
  hunt.stop()
  return details
}

async function main() {
  globalThis.kept = await require(path.join(__dirname, 'truth', `${name}.js`))()
  // On a turn of its own: what the program has on its stack is gone by then. Some things of V8's are dead for a collection or two before they go.
  for (let times = 0; times < COLLECTIONS; times++) {
    await new Promise(setImmediate)
    globalThis.gc?.()
  }
  const details = await (globalThis.kept.capture?.(options, request) ?? capture())
  process.stdout.write(JSON.stringify(details), () => process.exit())
}

main()
