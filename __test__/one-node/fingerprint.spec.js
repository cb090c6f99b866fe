'use strict'
// The same bug has the same fingerprint on every Node, in every run and under every load.
const assert = require('node:assert')
const { test } = require('node:test')
const { corpus, tryOut } = require('../corpus.js')
const { freshDir } = require('../program.js')
const { ensureCorpus, ensureNodes } = require('../../scripts/setup.js')

const SAMPLE = ['listener-emitter', 'collection-globals', 'timer-interval']

const skip = !ensureCorpus() && 'the libraries of the corpus could not be installed'

test('the fingerprint of a leak', { skip }, async (t) => {
  const programs = corpus()
  const nodes = ensureNodes().filter(({ path }) => path)
  const seen = new Map()
  for (const name of SAMPLE) {
    await t.test(name, async (inner) => {
      const one = programs.find((program) => program.name === name)
      const of = async (node, snapshots) => {
        const { verdict } = await tryOut(one, { node, snapshots, dir: freshDir(inner) })
        return verdict.suspects[0]?.fingerprint
      }
      const first = await of(process.execPath, 3)
      assert.match(first, /^[0-9a-f]{16}$/)
      assert.strictEqual(await of(process.execPath, 4), first, 'more work, more snapshots')
      for (const { path, version } of nodes) assert.strictEqual(await of(path, 3), first, `on Node ${version}`)
      assert.ok(!seen.has(first), `${name} and ${seen.get(first)} are told as one`)
      seen.set(first, name)
    })
  }
})
