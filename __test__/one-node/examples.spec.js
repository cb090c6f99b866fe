'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { ROOT, run, show } = require('../program.js')

const EXAMPLES = path.join(ROOT, 'examples')
const SAYS = {
  'find-a-leak.js': /^leak: .*Visitor[^]*find-a-leak\.js:\d+$/m,
  'watch-collections.js': /^scavenge: \d+ times/m,
}

test('every example runs and says what it is there for', async () => {
  const programs = fs.readdirSync(EXAMPLES).filter((name) => name.endsWith('.js'))
  assert.deepStrictEqual(programs.toSorted(), Object.keys(SAYS).toSorted())
  for (const [file, expected] of Object.entries(SAYS)) {
    const result = await run([path.join(EXAMPLES, file)])
    assert.strictEqual(result.code, 0, show(result))
    assert.strictEqual(result.stderr, '', show(result))
    assert.match(result.stdout, expected)
  }
})
