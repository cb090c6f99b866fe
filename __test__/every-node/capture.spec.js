'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { pathToFileURL } = require('node:url')
const leakhunt = require('../../js/index.js')
const { CLI, answerOf, filesIn, freshDir, program, run, show } = require('../program.js')

const COUNT = 1234
const DEVTOOLS = process.env.TEST_DEVTOOLS

async function unpack(file, out) {
  const result = await run([CLI, 'unpack', file, '-o', out])
  assert.strictEqual(result.code, 0, show(result))
  return out
}

test('a forked snapshot has the planted objects, and opens in Chrome DevTools', async (t) => {
  const dir = freshDir(t)
  const { details, events, again } = await answerOf([program('plant.js'), dir, String(COUNT)])

  await t.test('its details are told by the promise and by the event', () => {
    assert.deepStrictEqual(events, [details])
    assert.ok(again, 'start() is idempotent')
    assert.strictEqual(details.mode, 'fork')
    assert.strictEqual(details.reason, 'planted')
    assert.ok(details.pauseMs > 0 && details.pauseMs < details.durationMs, JSON.stringify(details))
    assert.strictEqual(details.bytes, fs.statSync(details.path).size)
    assert.ok(details.rawBytes > details.bytes)
  })

  await t.test('nothing but the snapshot and its sidecar is left, for their owner alone', () => {
    assert.deepStrictEqual(filesIn(dir).toSorted(), [details.path, details.sidecar].map((file) => path.basename(file)).toSorted())
    for (const file of [details.path, details.sidecar]) assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600, file)
  })

  await t.test('the sidecar holds the reason, the labels and the classes', () => {
    const sidecar = JSON.parse(fs.readFileSync(details.sidecar, 'utf8'))
    assert.strictEqual(sidecar.reason, 'planted')
    assert.deepStrictEqual(sidecar.labels, { service: 'test' })
    assert.ok(JSON.stringify(sidecar).includes('"Planted"'), 'the histogram has the class')
  })

  const plain = await unpack(details.path, path.join(dir, 'plain.heapsnapshot'))

  await t.test('unpacked, it is JSON of the size that was told, and is not overwritten', async () => {
    assert.strictEqual(fs.statSync(plain).size, details.rawBytes)
    const { snapshot, nodes } = JSON.parse(fs.readFileSync(plain, 'utf8'))
    assert.strictEqual(snapshot.node_count, details.nodes)
    assert.strictEqual(nodes.length, details.nodes * snapshot.meta.node_fields.length)
    const second = await run([CLI, 'unpack', details.path, '-o', plain])
    assert.strictEqual(second.code, 2, show(second))
    assert.strictEqual(fs.statSync(plain).size, details.rawBytes)
  })

  await t.test('DevTools counts what was planted', { skip: !DEVTOOLS && "DevTools' reader could not be had" }, async () => {
    const { readClasses } = await import(pathToFileURL(DEVTOOLS))
    const { nodes, classes } = await readClasses(fs.createReadStream(plain, 'utf8'))
    const of = (name) => classes.find((each) => each.name === name)
    assert.strictEqual(nodes, details.nodes)
    assert.strictEqual(of('Planted').count, COUNT)
    assert.ok(of('Date').count >= COUNT)
    assert.ok(of('Planted').retainedBytes > of('Planted').shallowBytes + of('Date').shallowBytes / 2)
  })

  await t.test('one snapshot alone is inconclusive', async () => {
    const { verdict, snapshots } = await leakhunt.analyze([details.path])
    assert.strictEqual(verdict, 'inconclusive')
    assert.strictEqual(snapshots[0].nodes, details.nodes)
  })
})

test('the in-process way writes the same kind of file, where it was allowed', async (t) => {
  const dir = freshDir(t)
  const options = JSON.stringify({ capture: { mode: 'inline' } })
  const { details } = await answerOf([program('plant.js'), dir, String(COUNT), options])
  assert.strictEqual(details.mode, 'inline')
  const sidecar = JSON.parse(fs.readFileSync(details.sidecar, 'utf8'))
  assert.ok(JSON.stringify(sidecar).includes('"Planted"'))
  const { snapshots } = await leakhunt.analyze([details.path])
  assert.strictEqual(snapshots[0].nodes, details.nodes)
  assert.deepStrictEqual(fs.readdirSync(dir).filter((file) => file.includes('partial')), [])
})
