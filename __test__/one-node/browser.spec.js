'use strict'
// A real page in a real Chromium, whose snapshots leakhunt reads. Part of npm run test:long, where there is a browser.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { findBrowser, snapshotsOf } = require('../browser.js')
const { freshDir, program } = require('../program.js')

const browser = process.env.TEST_LONG ? findBrowser() : undefined
const reason = process.env.TEST_LONG ? 'there is no Chromium here' : 'only npm run test:long starts a browser'

test('a page that leaks is told by its objects, its elements and its listeners', { skip: !browser && reason }, async (t) => {
  const script = program('page/page.js')
  const lineOf = (text) => fs.readFileSync(script, 'utf8').split('\n').findIndex((line) => line.includes(text)) + 1
  const verdict = await leakhunt.analyze(await snapshotsOf(browser, path.join(path.dirname(script), 'index.html'), 3, freshDir(t)))
  assert.strictEqual(verdict.verdict, 'leak', JSON.stringify(verdict))
  const suspect = (name) => verdict.suspects.find((each) => each.class === name) ?? assert.fail(`${name} in ${JSON.stringify(verdict)}`)
  const session = suspect('Session')
  assert.deepStrictEqual([session.cause, session.holder.name, session.counts], ['collection', 'sessions', [500, 1000, 1500]])
  assert.deepStrictEqual([session.location.script, session.location.line], [`file://${script}`, lineOf('function open')])
  assert.deepStrictEqual(suspect('<li>').counts, [500, 1000, 1500])
  assert.strictEqual(suspect('blink::RegisteredEventListener').location.line, lineOf('function onResize'))
})
