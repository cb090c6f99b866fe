'use strict'
// A running recorder is asked from the command line, by the number of its process.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { cli, documentOf, planted, startControlled } = require('../control.js')
const { show, until } = require('../program.js')

for (const [state, verb] of [['idle', null], ['busy', 'spin']]) {
  test(`census PID and snapshot PID of an app whose event loop is ${state}`, async (t) => {
    const { app, dir } = await startControlled(t)
    const count = await app.ask('planted')
    if (verb !== null) app.ask(verb).catch(() => {})

    const census = await documentOf(['census', app.pid])
    assert.deepStrictEqual([census.version, census.censuses.length, census.censuses[0].pid, census.censuses[0].threadId], [1, 1, app.pid, 0])
    assert.strictEqual(planted(census), count)
    const text = await cli(['census', app.pid])
    assert.match(text.stdout, /^[\d,]+ objects take [\d.]+ MB\.\n/, show(text))
    const few = await documentOf(['census', app.pid, '--max-classes', 3])
    assert.ok(few.classes.length <= 3, String(few.classes.length))

    const taken = await documentOf(['snapshot', app.pid, '--reason', 'asked from outside'])
    assert.strictEqual(path.dirname(taken.path), dir)
    const sidecar = JSON.parse(fs.readFileSync(taken.sidecar, 'utf8'))
    assert.deepStrictEqual([sidecar.reason, sidecar.pid, taken.redacted, taken.pid, taken.threadId], ['asked from outside', app.pid, true, app.pid, 0])
    assert.strictEqual(sidecar.classes.find(({ name }) => name === 'Planted').count, count)
    const { snapshots } = await leakhunt.analyze([taken.path])
    assert.strictEqual(snapshots[0].nodes, taken.nodes)

    const { recorders, unanswered } = await documentOf(['ps', '--dir', dir])
    assert.deepStrictEqual([recorders.length, unanswered], [1, []])
    const [{ pid, node, threadId, program, heapUsedBytes, heapLimitBytes, lastCapture }] = recorders
    assert.deepStrictEqual([pid, node, threadId, path.basename(program)], [app.pid, process.versions.node, 0, 'controlled.js'])
    assert.ok(heapUsedBytes > 0 && heapUsedBytes < heapLimitBytes, JSON.stringify(recorders))
    assert.deepStrictEqual([lastCapture.kind, lastCapture.reason, lastCapture.path, lastCapture.code], ['snapshot', 'asked from outside', taken.path, null])
    if (verb !== null) return

    // The app is told of what was written and counted, without an id: no promise of its own is meant. It stays as it was.
    const events = await until(async () => {
      const all = await app.ask('events')
      return all.length >= 4 && all
    }, 'the events')
    assert.deepStrictEqual(events, [...Array(3).fill({ type: 'census', id: null, reason: null, code: null }), { type: 'snapshot', id: null, reason: 'asked from outside', code: null }])
    await app.assertUnharmed()
  })
}
