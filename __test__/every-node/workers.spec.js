'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const { test } = require('node:test')
const { REGISTER, answerOf, freshDir, program, run, show } = require('../program.js')

test('workers that stop, return, exit, throw and are terminated leave the process well', async (t) => {
  const dir = freshDir(t)
  const { ended, path } = await answerOf([program('workers.js'), dir])
  assert.ok(fs.existsSync(path), "the main thread's snapshot is there")
  for (const { end, code, problem, path: file } of ended) {
    if (end === 'throws') assert.strictEqual(problem, 'on purpose')
    else assert.strictEqual(problem, null, end)
    if (end === 'stops' || end === 'returns' || end === 'exits') assert.strictEqual(code, 0, end)
    if (end === 'captures') assert.match(file, /Heap\.\d+\.\d+\.\d+\.[1-9]\d*\.\d+\.heapsnapshot\.zst$/, 'the name has the thread')
  }
  assert.deepStrictEqual(fs.readdirSync(dir).filter((name) => name.endsWith('.partial')), [])
})

test('the preload records in the main thread, and in workers only when asked to', async (t) => {
  const script = `
    const { Worker, isMainThread } = require('node:worker_threads')
    const running = () => process.getActiveResourcesInfo && Object.keys(require.cache).some((file) => file.endsWith('.node'))
    if (isMainThread) {
      const worker = new Worker(__filename)
      worker.on('message', (inWorker) => console.log(JSON.stringify({ inMain: running(), inWorker })))
    } else require('node:worker_threads').parentPort.postMessage(running())`
  const dir = freshDir(t)
  const file = `${dir}/app.js`
  fs.writeFileSync(file, script)
  for (const [LEAKHUNT_WORKERS, inWorker] of [
    ['0', false],
    ['1', true],
  ]) {
    const result = await run(['--require', REGISTER, file], { cwd: dir, env: { LEAKHUNT_WORKERS, LEAKHUNT_DIR: dir } })
    assert.strictEqual(result.code, 0, show(result))
    assert.deepStrictEqual(JSON.parse(result.stdout), { inMain: true, inWorker })
  }
})
