'use strict'
// Three snapshots of a growing program, compared in the same process: node examples/find-a-leak.js
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const leakhunt = require('leakhunt')

class Visitor {
  constructor(name) {
    this.name = name
    this.since = new Date()
  }
}

const visitors = []

function welcome(count) {
  for (let i = 0; i < count; i++) visitors.push(new Visitor(`visitor ${i}`))
}

async function main() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-example-'))
  const hunt = leakhunt.start({ dir })
  const paths = []
  for (const moment of ['morning', 'noon', 'evening']) {
    welcome(1000)
    const snapshot = await hunt.snapshot({ reason: moment })
    console.log(`${moment}: the program stood still for ${snapshot.pauseMs.toFixed(1)} ms`)
    paths.push(snapshot.path)
  }
  hunt.stop()

  const { verdict, summary, suspects } = await leakhunt.analyze(paths)
  console.log(`${verdict}: ${summary}`)
  for (const { class: name, holder, location } of suspects) {
    console.log(`${name}, held by ${holder.class} ${holder.name}, ${location?.script}:${location?.line}`)
  }
  fs.rmSync(dir, { recursive: true })
}

main()
