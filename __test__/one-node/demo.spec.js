'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const { test } = require('node:test')
const { checkGrowing, checkLeak, checkNoLeak, checkNothingGrows } = require('../../js/demo/judge.js')
const { CLI, freshDir, show, start, until } = require('../program.js')

const answers = (url) => fetch(url).then(
  () => true,
  () => false,
)

test('an interrupted demo leaves no server and no file', async (t) => {
  const dir = freshDir(t)
  const { child, ended, stdoutSoFar } = start([CLI, 'demo'], { env: { TMPDIR: dir } })
  const [url] = await until(() => /http:\/\/127\.0\.0\.1:\d+/.exec(stdoutSoFar()), 'the server to listen')
  assert.ok(await answers(url))
  child.kill('SIGINT')
  const result = await ended
  assert.strictEqual(result.code, 130, show(result))
  assert.ok(!(await answers(url)), 'the server is gone')
  assert.deepStrictEqual(fs.readdirSync(dir), [])
})

test('the demo accepts the right verdicts only', () => {
  const right = {
    verdict: 'leak',
    suspects: [
      { class: 'RequestLog', holder: { class: 'Array', name: 'logs' }, location: { script: '/x/server.js', line: 3 }, growsWith: [{ class: 'Date' }] },
    ],
  }
  const accepted = (verdict) => checkLeak(verdict).every((each) => each.right)
  assert.ok(accepted(right))
  const wrong = [{ class: 'Object' }, { holder: { class: 'Array', name: null } }, { location: null }, { growsWith: [] }]
  for (const change of wrong) assert.ok(!accepted({ ...right, suspects: [{ ...right.suspects[0], ...change }] }), JSON.stringify(change))
  assert.ok(!accepted({ verdict: 'leak', suspects: [] }))
  assert.ok(!accepted({ ...right, verdict: 'inconclusive' }))
  assert.ok(checkNoLeak({ verdict: 'no-leak' })[0].right && !checkNoLeak({ verdict: 'inconclusive' })[0].right)
  assert.ok(checkGrowing(['Date', 'RequestLog'])[0].right && !checkGrowing(['Date'])[0].right)
  assert.ok(checkNothingGrows([])[0].right && !checkNothingGrows(['Date'])[0].right)
})
