'use strict'
// An app that starts other programs and cluster workers, one after the other, and counts how they ended.
const cluster = require('node:cluster')
const fs = require('node:fs')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const { serve } = require('./app.js')

/** Reads its stdin to the end, tells the numbers of its descriptors, and ends with a code of its own. */
const PROGRAM = 'cat; echo /proc/$$/fd/*; exit $0'

async function spawnOne(number) {
  const code = number % 100
  const child = spawn('sh', ['-c', PROGRAM, String(code)], { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (more) => (text += more))
  // Its stdin ends when nobody holds the other end any more, a capture child among others.
  child.stdin.end()
  const [ended, signal] = await once(child, 'close')
  return { asItShould: ended === code && signal === null, descriptors: text.match(/(?<=fd\/)\d+/g).join(' ') }
}

async function forkOne(number) {
  const code = number % 100
  const worker = cluster.fork({ CODE: String(code) })
  const [ended, signal] = await once(worker, 'exit')
  return { asItShould: ended === code && signal === null, descriptors: null }
}

function inTurn(make) {
  const counts = { ended: 0, wrong: 0, descriptors: [] }
  let going = true
  async function loop() {
    for (let number = 1; going; number++) {
      const { asItShould, descriptors } = await make(number)
      counts.ended++
      if (!asItShould) counts.wrong++
      if (descriptors !== null && !counts.descriptors.includes(descriptors)) counts.descriptors.push(descriptors)
    }
  }
  const done = loop()
  return {
    counts: () => counts,
    async stop() {
      going = false
      await done
      return counts
    },
  }
}

if (cluster.isPrimary) {
  let spawning
  let forking
  serve(() => ({
    begin() {
      spawning = inTurn(spawnOne)
      forking = inTurn(forkOne)
    },
    counts: () => ({ spawned: spawning.counts(), forked: forking.counts() }),
    finish: async () => ({ spawned: await spawning.stop(), forked: await forking.stop() }),
    own: () => fs.readdirSync('/proc/self/fd').length,
  }))
} else {
  process.exit(Number(process.env.CODE))
}
