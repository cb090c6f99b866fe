'use strict'
const assert = require('node:assert')
const { test } = require('node:test')
const path = require('node:path')
const { ROOT } = require('../program.js')
const { checkDistinct, orderNotes } = require(path.join(ROOT, 'js', 'order.js'))

const file = (when, pid, number, thread = 0) => `/snapshots/Heap.${when}.${pid}.${thread}.${String(number).padStart(3, '0')}.heapsnapshot.zst`
const FIRST = file('20261130.170133', 7, 1)
const SECOND = file('20261130.170136', 7, 2)

test('snapshots of one thread, oldest first, need no word; nor do names that say nothing', () => {
  assert.deepStrictEqual(orderNotes([FIRST, SECOND, file('20261201.000000', 7, 3)]), [])
  assert.deepStrictEqual(orderNotes([FIRST.replace('heapsnapshot.zst', 'lhgraph'), SECOND]), [])
  assert.deepStrictEqual(orderNotes(['b.heapsnapshot', 'a.heapsnapshot', FIRST]), [])
})

test('snapshots that are not oldest first are told with their names', () => {
  const [note, ...more] = orderNotes([SECOND, FIRST])
  assert.match(note, /^not oldest first: .*170133\.7\.0\.001.* is older than .*170136\.7\.0\.002/)
  assert.deepStrictEqual(more, [])
  assert.match(orderNotes([SECOND, FIRST.replace('heapsnapshot.zst', 'lhgraph')]).join(), /^not oldest first: .*001\.lhgraph is older than/)
})

test('a clock that went back an hour is no other order', () => {
  assert.deepStrictEqual(orderNotes([file('20261025.025900', 7, 1), file('20261025.020100', 7, 2)]), [])
})

test('snapshots of several processes or threads are told apart', () => {
  assert.match(orderNotes([FIRST, file('20261130.170136', 8, 1)]).join(), /of 2 processes or threads \(7\.0, 8\.0\)/)
  assert.match(orderNotes([FIRST, file('20261130.170136', 7, 1, 3)]).join(), /\(7\.0, 7\.3\)/)
})

test('one snapshot twice is refused, also by another spelling of its path', () => {
  assert.throws(() => checkDistinct(['a/x', 'b', 'a/../a/x']), { name: 'RangeError', code: 'ERR_LEAKHUNT_INVALID_OPTION', message: /'a\/\.\.\/a\/x' twice/ })
  checkDistinct(['a/x', 'b/x'])
})
