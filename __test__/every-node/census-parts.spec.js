'use strict'
const assert = require('node:assert')
const { test } = require('node:test')
const { answerOf, freshDir, program } = require('../program.js')

test('a census tells plain objects by shape, and what belongs to an object alone', async (t) => {
  const { redacted, plain, v8 } = await answerOf([program('census-parts.js'), freshDir(t)])
  const find = ({ classes }, name) => classes.find((each) => each.name === name)

  await t.test('shapes have their first names, and names that may be contents are left out', () => {
    for (const [name, count] of [
      ['Object {plantedId, plantedName, plantedAt}', 3000],
      ['Object {…, plantedData}', 2000],
      ['Object {planted1, planted2, planted3, planted4, planted5, …}', 1000],
    ]) assert.strictEqual(find(redacted, name)?.count, count, name)
    assert.strictEqual(find(plain, 'Object {alice@example.com, plantedData}')?.count, 2000)
  })

  await t.test('neither keys of dictionaries nor those of single objects are told, and their objects are counted', () => {
    for (const { classes } of [redacted, plain]) {
      const told = JSON.stringify(classes)
      assert.ok(!/plantedKeyOfData|plantedOnce/.test(told), /.{80}(?:plantedKeyOfData|plantedOnce).{80}/.exec(told)?.[0])
    }
    assert.ok(!JSON.stringify(redacted.classes).includes('alice'))
    assert.ok(find(redacted, 'Object').count >= 600)
  })

  await t.test('totals are those of all classes', () => assert.strictEqual(redacted.sum, redacted.totalBytes))

  await t.test("what objects own is what V8's snapshot of the same heap says", () => {
    const rows = ['PlantedArray', 'PlantedMap', 'PlantedSet', 'PlantedWeakMap', 'PlantedWide', 'Array', 'ArrayBuffer'].map((name) => ({ name, ...find(redacted, name), v8: v8[name] }))
    for (const { name, bytes, ownedBytes, v8: truth } of rows) {
      assert.ok(ownedBytes > bytes, name)
      assert.ok(Math.abs(ownedBytes - truth) <= Math.max(4096, truth / 100), JSON.stringify(rows, ['name', 'count', 'bytes', 'ownedBytes', 'v8'], 1))
    }
    assert.ok(find(redacted, 'ArrayBuffer').ownedBytes > 10_000_000)
  })

  await t.test('memory of several threads is nobody’s, and the characters of an external string are its own', () => {
    const shared = find(redacted, 'SharedArrayBuffer')
    assert.ok(shared.count >= 3 && shared.ownedBytes < 100_000, JSON.stringify(shared))
    const text = find(redacted, '(external string)')
    assert.ok(text.ownedBytes - text.bytes >= 2_000_000, JSON.stringify(text))
    // What is no object of JavaScript's owns nothing else.
    const array = find(redacted, 'FixedArray')
    assert.strictEqual(array.ownedBytes, array.bytes)
  })

  await t.test("Node's own handles have their names", () => {
    for (const [name, count] of [['Socket', 300], ['Timeout', 301], ['AbortSignal', 302], ['ServerResponse', 303], ['TCP', 1]]) {
      // Node 20 makes its signals with `new EventTarget`, and V8 calls them so.
      const made = name === 'AbortSignal' ? ['AbortSignal', 'EventTarget'] : [name]
      const found = made.reduce((sum, each) => sum + (find(redacted, each)?.count ?? 0), 0)
      assert.ok(found >= count && found < count + 10, `${name}: ${found}`)
    }
  })
})
