'use strict'
// Memory outside of V8's heap that grows, moves and is written by others while it is captured.
const assert = require('node:assert')
const { test } = require('node:test')
const { assertTaken, startApp } = require('../app.js')
const { freshDir, until } = require('../program.js')

const CAPTURES = 2

test('WebAssembly memory grows, buffers are detached and shared ones written during captures', async (t) => {
  const app = await startApp(t, { name: 'growing-memory.js', dir: freshDir(t) })
  await app.ask('begin')
  await until(() => app.ask('written'), 'the first writes')
  for (let i = 0; i < CAPTURES; i++) {
    const before = { turns: await app.ask('turns'), written: await app.ask('written') }
    assertTaken(await app.snapshot())
    assert.ok((await app.ask('turns')) > before.turns && (await app.ask('written')) > before.written, 'they went on meanwhile')
    assert.deepStrictEqual(await app.ask('intact'), { grown: true, moved: true })
  }
  await app.ask('finish')
  await app.assertUnharmed()
})
