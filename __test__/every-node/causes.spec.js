'use strict'
// Each cause in a real process: who is named, why, held by whom, at which line; and what comes and goes beside it is not.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { answerOf, freshDir, program } = require('../program.js')

/** What the snapshots of programs/causes/NAME.js say. */
async function verdictOf(t, name) {
  const { paths } = await answerOf([program('causes.js'), freshDir(t), name])
  const verdict = await leakhunt.analyze(paths)
  assert.strictEqual(verdict.verdict, 'leak', JSON.stringify(verdict))
  return verdict
}

/** Line `number` of programs/causes/NAME.js. */
const lineOf = (name, number) => fs.readFileSync(program(path.join('causes', `${name}.js`)), 'utf8').split('\n')[number - 1].trim()

/** Checks the suspect for `cls`, and gives it back. */
function expectSuspect({ suspects }, cls, { cause, kind, holder, growth = 150 }) {
  const found = suspects.filter((suspect) => suspect.class === cls)
  assert.strictEqual(found.length, 1, `${cls} in ${JSON.stringify(suspects.map((suspect) => suspect.class))}`)
  const [suspect] = found
  const told = { cause: suspect.cause, kind: suspect.kind, holder: suspect.holder, growth: suspect.growthPerSnapshot }
  assert.deepStrictEqual(told, { cause, kind, holder, growth }, JSON.stringify(suspect))
  assert.match(suspect.fingerprint, /^[0-9a-f]{16}$/)
  return suspect
}

const classesOf = ({ suspects }) => suspects.map((suspect) => suspect.class).sort()

test('listeners: the emitter, the event and the function, with what it keeps', async (t) => {
  const verdict = await verdictOf(t, 'listeners')
  const bus = { class: 'EventEmitter', name: 'bus' }
  const expected = [
    ['Session', 'event-emitter', bus, 'tick', 'session', "bus.on('tick', function onTick() {"],
    ['Waiter', 'event-emitter', bus, 'ready', 'waiter', "bus.once('ready', () => waiter)"],
    ['Viewer', 'event-target', { class: 'EventTarget', name: 'shop' }, undefined, 'viewer', "shop.addEventListener('sale', function onSale() {"],
    ['Task', 'abort-signal', { class: 'AbortSignal', name: 'shutdown.signal' }, 'abort', 'task', "shutdown.signal.addEventListener('abort', () => task.name, { once: true })"],
    ['Guard', 'process-event', { class: 'process', name: null }, 'guarded', 'guarded', "process.on('guarded', () => guarded.name)"],
  ]
  for (const [cls, kind, holder, event, variable, line] of expected) {
    const { details, location } = expectSuspect(verdict, cls, { cause: 'listener', kind, holder })
    // The name of an event that is no name in the source as well is redacted.
    assert.ok(details.event === event || (event === undefined && /^\w+$/.test(details.event)), `${details.event} for ${event}`)
    assert.strictEqual(lineOf('listeners', location.line), line)
    assert.deepStrictEqual(details.function, location)
    assert.deepStrictEqual([details.captured[0].variable, details.captured[0].class], [variable, cls])
  }
  assert.deepStrictEqual(classesOf(verdict), expected.map(([cls]) => cls).sort())
  const unnamed = verdict.unnamedFunctions.functions.map((each) => each.name.replace(/:\d+:\d+$/, ''))
  assert.deepStrictEqual([...new Set(unnamed)], ['anonymous at listeners.js'])
  assert.strictEqual(unnamed.length, 3)
})

test('timers: interval or timeout, how often, whose function, and the array of handles', async (t) => {
  const verdict = await verdictOf(t, 'timers')
  const expected = [
    ['Poller', 'interval', null, 1, 'setInterval(function pollTick() {'],
    ['Reminder', 'timeout', null, 2, 'setTimeout(() => reminder.name, 2 * HOUR)'],
    ['Retry', 'timeout', 'retries', 3, 'retries.push(setTimeout(() => each.name, 3 * HOUR))'],
  ]
  for (const [cls, kind, name, hours, line] of expected) {
    const { details, location } = expectSuspect(verdict, cls, { cause: 'timer', kind, holder: { class: 'Timeout', name } })
    assert.strictEqual(details.delayMs, hours * 3_600_000)
    assert.strictEqual(lineOf('timers', location.line), line)
    assert.strictEqual(details.alsoHeldBy?.class, name === null ? undefined : 'Array')
  }
  assert.deepStrictEqual(classesOf(verdict), expected.map(([cls]) => cls).sort())
})

test('closures: the function, and the variable that it keeps', async (t) => {
  const verdict = await verdictOf(t, 'closures')
  const cancel = expectSuspect(verdict, 'Order', { cause: 'closure', kind: 'function', holder: { class: 'Array', name: 'undo' } })
  assert.deepStrictEqual([cancel.details.function.function, cancel.details.captured[0].variable], ['cancel', 'order'])
  const release = expectSuspect(verdict, 'Uint8Array', { cause: 'closure', kind: 'function', holder: { class: 'Map', name: 'compensations' } })
  assert.strictEqual(lineOf('closures', release.location.line), 'compensations.set(i, () => stock.length)')
  assert.ok(release.details.captured[0].retainedBytes > 2048)
  assert.strictEqual(verdict.suspects.length, 2)
})

test('connections: which side opened them, and who waits for an answer', async (t) => {
  const verdict = await verdictOf(t, 'connections')
  assert.ok(verdict.suspects.every((suspect) => suspect.cause === 'connection' && suspect.class === 'Socket'), JSON.stringify(verdict.suspects))
  const { connection } = verdict.suspects[0].details
  assert.ok(['server', 'agent', 'client'].includes(connection.side), connection.side)
  assert.strictEqual(connection.what, 'socket')
})

test('collections: each kind, and where it lives', async (t) => {
  const verdict = await verdictOf(t, 'collections')
  const expected = [
    ['Page', 'map', { class: 'Map', name: 'pages' }, 'module variable'],
    ['Ticket', 'set', { class: 'Set', name: 'seen' }, 'module variable'],
    ['Customer', 'object-as-map', { class: 'Object', name: 'customers' }, 'module variable'],
    ['Visit', 'array', { class: 'Array', name: 'visits' }, 'module variable'],
    ['Item', 'array', { class: 'Array', name: 'items' }, 'module export'],
    ['Price', 'array', { class: 'Array', name: 'prices' }, 'static property'],
    ['Meta', 'weak-map', { class: 'WeakMap', name: 'meta' }, undefined],
  ]
  for (const [cls, kind, holder, scope] of expected) {
    const { details } = expectSuspect(verdict, cls, { cause: 'collection', kind, holder })
    assert.strictEqual(details.scope, scope)
  }
  assert.strictEqual(verdict.suspects.find((suspect) => suspect.class === 'Meta').details.alsoHeldBy.name, 'keys')
  assert.deepStrictEqual(classesOf(verdict), expected.map(([cls]) => cls).sort())
})

test('async: functions that wait for ever, and stores that outlive their request', async (t) => {
  const verdict = await verdictOf(t, 'async')
  const job = expectSuspect(verdict, 'Job', { cause: 'collection', kind: 'async-function', holder: { class: 'Promise', name: 'never' } })
  assert.strictEqual(job.details.function.function, 'waitForever')
  const reply = expectSuspect(verdict, 'Reply', { cause: 'collection', kind: 'async-function', holder: { class: 'Array', name: 'pending' } })
  assert.strictEqual(lineOf('async', reply.location.line), 'async function waitForReply(reply) {')
  expectSuspect(verdict, 'RequestStore', { cause: 'collection', kind: 'async-store', holder: { class: 'Array', name: 'resources' } })
  assert.deepStrictEqual(classesOf(verdict), ['Job', 'Reply', 'RequestStore'])
})
