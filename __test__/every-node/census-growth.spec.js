'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const { test } = require('node:test')
const { answerOf, freshDir, program } = require('../program.js')

for (const cause of ['growth', 'hunt']) test(`a class that grows from census to census is named, and a snapshot is taken because of it (${cause})`, async (t) => {
  const { events, snapshot, problem } = await answerOf([program('census-leak.js'), freshDir(t), '8', cause])
  assert.ok(snapshot !== null, JSON.stringify(problem))
  // Eight censuses are the fewest.
  const first = events.findIndex(({ growing }) => growing.length > 0)
  assert.strictEqual(first, 7, JSON.stringify(events.map(({ growing }) => growing)))
  const ticket = events[first].growing.find(({ name, kind }) => name === 'Ticket' && kind === 'object')
  assert.deepStrictEqual(ticket.counts, events.slice(0, 8).map(({ tickets }) => tickets))
  assert.strictEqual(ticket.grownCount, 7000)
  // A plain object is a class by its shape, and grows as one.
  const note = events[first].growing.find(({ name }) => name === 'Object {noted, why}')
  assert.strictEqual(note?.grownCount, 7000, JSON.stringify(events[first].growing))
  assert.match(ticket.location, /census-leak\.js:\d+:\d+$/)
  assert.strictEqual(snapshot.reason, 'growth')
  const { trigger } = JSON.parse(fs.readFileSync(snapshot.sidecar, 'utf8'))
  assert.deepStrictEqual(trigger.classes, events[first].growing)
  assert.strictEqual(trigger.huntSnapshot, cause === 'hunt' ? 1 : undefined)
})
