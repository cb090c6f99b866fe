'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { answerOf, freshDir, program } = require('../program.js')

const CAPTURES = process.env.TEST_LONG ? 200 : 50

test(`${CAPTURES} forked captures while the heap churns and zlib and fs work: the app lives, nothing stays behind`, async (t) => {
  const dir = freshDir(t)
  const { taken, refused, partial, children } = await answerOf([program('churn.js'), dir, String(CAPTURES)])
  t.diagnostic(`${taken.length} taken, ${refused.length} refused, ${taken.filter(({ attempts }) => attempts > 1).length} of them not at the first attempt`)

  assert.strictEqual(taken.length + refused.length, CAPTURES)
  for (const { code, message } of refused) {
    assert.match(code, /^ERR_LEAKHUNT_/)
    assert.ok(message.length > 10, 'a refusal says why')
  }
  assert.ok(taken.length >= CAPTURES * 0.9, `only ${taken.length} of ${CAPTURES} were taken: ${JSON.stringify(refused)}`)
  assert.deepStrictEqual(partial, [])
  assert.deepStrictEqual(children, [])

  const whole = fs.readdirSync(dir).filter((file) => file.endsWith('.heapsnapshot.zst'))
  for (const file of whole) {
    const { snapshots } = await leakhunt.analyze([path.join(dir, file)])
    assert.ok(snapshots[0].nodes > 10_000)
  }
})
