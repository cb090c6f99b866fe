'use strict'
const assert = require('node:assert')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { answerOf, freshDir, program } = require('../program.js')

const MiB = 1024 * 1024

test('200 MiB of buffers are not forked, stay what they are, and are in the snapshot by name', async (t) => {
  const { details, second, same, detached } = await answerOf([program('buffers.js'), freshDir(t), '200'])
  assert.ok(same, 'the contents are untouched')
  assert.strictEqual(detached, 0)
  for (const { leftOutBytes, attempts } of [details, second]) {
    assert.ok(leftOutBytes > 200 * MiB, `${leftOutBytes} bytes were left out`)
    assert.strictEqual(attempts, 1, 'the child could do without')
  }
  const { snapshots } = await leakhunt.analyze([details.path])
  assert.strictEqual(snapshots[0].nodes, details.nodes)
  assert.ok(snapshots[0].shallowBytes > 200 * MiB, 'buffers count in the sizes')
})
