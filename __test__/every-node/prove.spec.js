'use strict'
const assert = require('node:assert')
const path = require('node:path')
const { test } = require('node:test')
const { buildLibrary } = require('../native.js')
const { CLI, ROOT, answerOf, run, show } = require('../program.js')

const INDEX = path.join(ROOT, 'js', 'index.js')
const PROVE = `require(${JSON.stringify(INDEX)}).capabilities({ prove: true }).then(({ fork }) => console.log(JSON.stringify(fork)))`

test('a proof is one real small capture, of which the main thread sees nothing', async () => {
  const { before, after, again, turns } = await answerOf([
    '-e',
    `const leakhunt = require(${JSON.stringify(INDEX)})
     const before = leakhunt.capabilities().fork
     let turns = 0
     const turning = setInterval(() => turns++, 1)
     leakhunt.capabilities({ prove: true }).then(({ fork: after }) => {
       clearInterval(turning)
       const again = leakhunt.capabilities().fork
       console.log(JSON.stringify({ before, after, again, turns }))
     })`,
  ])
  assert.strictEqual(before.proven, false)
  assert.deepStrictEqual([after.available, after.way, after.reason, after.proven], [true, 'native', null, true])
  assert.ok(after.pauseMs > 0 && after.pauseMs < after.durationMs)
  assert.ok(again.proven && again.pauseMs === undefined)
  assert.ok(turns > 10, `the event loop turned ${turns} times meanwhile`)
})

test('the command line proves too, and says so by its exit code', async () => {
  const result = await run([CLI, 'capabilities', '--prove'])
  assert.strictEqual(result.code, 0, show(result))
  assert.match(result.stdout, /^ {2}fork +native +proven: captured in \d+ ms/m)
  const refused = await run([CLI, 'capabilities', '--prove', '--json'], { env: { LEAKHUNT_NO_SNAPSHOTS: '1' } })
  assert.strictEqual(refused.code, 2, show(refused))
  const { fork } = JSON.parse(refused.stdout)
  assert.deepStrictEqual([fork.available, fork.proven], [false, false])
  assert.match(fork.reason, /LEAKHUNT_NO_SNAPSHOTS is set \(ERR_LEAKHUNT_CAPTURE_OFF\)/)
})

test('where the native way is off there is nothing to prove, and the reason is given', async () => {
  const fork = await answerOf(['-e', PROVE], { env: { LEAKHUNT_NATIVE: '0' } })
  assert.deepStrictEqual([fork.available, fork.proven], [false, false])
  assert.match(fork.reason, /LEAKHUNT_NATIVE=0/)
})

test("another library's fork handlers are named, and do no harm where they are well behaved", async (t) => {
  const library = buildLibrary(t, 'fork-handler')
  if (library === null) return
  const { forkHandlers, proven, reason } = await answerOf(['-e', PROVE], { env: { LD_PRELOAD: library } })
  assert.deepStrictEqual([forkHandlers, proven, reason], [['libfork-handler.so'], true, null])
})
