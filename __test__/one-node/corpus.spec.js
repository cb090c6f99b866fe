'use strict'
// Some of the corpus on the Node that runs this; `npm run corpus` runs all of it on every Node.
const assert = require('node:assert')
const { test } = require('node:test')
const { corpus, tryOut } = require('../corpus.js')
const { freshDir } = require('../program.js')
const { ensureCorpus } = require('../../scripts/setup.js')

const SAMPLE = [
  'closure-hooks',
  'collection-express-log',
  'collection-object-map',
  'listener-emitter',
  'timer-interval',
  'cache-lru',
  'load-that-rises',
  'queue-that-drains',
]

test('programs of the corpus', { skip: !ensureCorpus() && 'its libraries could not be installed' }, async (t) => {
  const programs = corpus()
  for (const name of SAMPLE) {
    await t.test(name, async (inner) => {
      const one = programs.find((each) => each.name === name)
      const { verdict, ...found } = await tryOut(one, { dir: freshDir(inner) })
      const { right, cause, holder, line } = found
      assert.ok(![right, cause, holder, line].includes(false), `${JSON.stringify(found)}\n${JSON.stringify(verdict, null, 1)}`)
    })
  }
})
