'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const zlib = require('node:zlib')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { CLI, answerOf, freshDir, program, run, show } = require('../program.js')

test('three snapshots of a leaking program name the class, the array, the file and the line', async (t) => {
  const dir = freshDir(t)
  const { paths } = await answerOf([program('leak.js'), dir])

  const steps = []
  const verdict = await leakhunt.analyze(paths, { onProgress: (step) => steps.push(step) })
  const [suspect] = verdict.suspects
  assert.strictEqual(verdict.verdict, 'leak', JSON.stringify(verdict))
  assert.strictEqual(suspect.class, 'Session')
  assert.strictEqual(suspect.cause, 'collection')
  assert.deepStrictEqual(suspect.counts, [1000, 2000, 3000])
  assert.strictEqual(suspect.growthPerSnapshot, 1000)
  assert.strictEqual(suspect.holder.name, 'sessions')
  assert.ok(suspect.retainedBytes[2] > suspect.retainedBytes[1])
  assert.strictEqual(path.basename(suspect.location.script), 'leak.js')
  const line = fs.readFileSync(program('leak.js'), 'utf8').split('\n')[suspect.location.line - 1]
  assert.match(line, /^function open/)
  for (const { file, done, total } of steps) assert.ok(paths.includes(file) && done <= total, `${file} ${done} of ${total}`)

  await t.test('the command line says the same, as text and as JSON', async () => {
    const json = await run([CLI, 'analyze', '--json', ...paths])
    assert.strictEqual(json.code, 1, show(json))
    assert.deepStrictEqual(JSON.parse(json.stdout), verdict)
    assert.strictEqual(json.stdout.trim().split('\n').length, 1)
    const text = await run([CLI, 'analyze', ...paths])
    assert.strictEqual(text.code, 1, show(text))
    assert.match(text.stdout, /Session/)
    assert.match(text.stdout, /leak\.js:\d+/)
  })

  await t.test('the order of reading does not depend on how a file is wrapped', async () => {
    const plain = paths.map((_, i) => path.join(dir, `${i}.heapsnapshot`))
    for (const [i, file] of paths.entries()) assert.strictEqual((await run([CLI, 'unpack', file, '-o', plain[i]])).code, 0)
    const zipped = path.join(dir, '1.heapsnapshot.gz')
    fs.writeFileSync(zipped, zlib.gzipSync(fs.readFileSync(plain[1]), { level: 1 }))
    const { suspects } = await leakhunt.analyze([plain[0], zipped, paths[2]])
    assert.strictEqual(suspects[0].fingerprint, suspect.fingerprint)
  })

  await t.test('diff shows what came, retainers who holds it', async () => {
    const diff = await run([CLI, 'diff', paths[0], paths[2]])
    assert.strictEqual(diff.code, 0, show(diff))
    assert.match(diff.stdout, /Session/)
    const diffJson = await run([CLI, 'diff', '--json', paths[0], paths[2]])
    assert.ok(JSON.stringify(JSON.parse(diffJson.stdout)).includes('"Session"'))
    const retainers = await run([CLI, 'retainers', paths[2], 'Session'])
    assert.strictEqual(retainers.code, 0, show(retainers))
    assert.match(retainers.stdout, /sessions/)
  })

  await t.test('the same snapshots in another order are no growth', async () => {
    const { verdict: answer } = await leakhunt.analyze([paths[2], paths[1], paths[0]])
    assert.notStrictEqual(answer, 'leak')
  })

  await t.test('an aborted analysis is rejected with the reason', async () => {
    const reason = new Error('enough')
    await assert.rejects(leakhunt.analyze(paths, { signal: AbortSignal.abort(reason) }), reason)
    const later = new AbortController()
    const analysis = leakhunt.analyze(paths, { signal: later.signal, onProgress: () => later.abort(reason) })
    setImmediate(() => later.abort(reason))
    await assert.rejects(analysis, reason)
  })
})

test('a few large things are a leak as well, also where only the function that awaits the snapshots holds them', async (t) => {
  const { paths } = await answerOf([program('kept-by-main.js'), freshDir(t)])
  const { verdict, suspects } = await leakhunt.analyze(paths)
  assert.strictEqual(verdict, 'leak')
  const [{ class: name, counts, holder, location }] = suspects
  // A local variable that no function closes over has no name in a snapshot.
  assert.deepStrictEqual([name, counts, holder.class], ['Buffer', [1, 2, 3], 'Array'])
  assert.match(location.script, /kept-by-main\.js$/)
})
