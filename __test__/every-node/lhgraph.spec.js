'use strict'
// Snapshots as columns: written by a live process, they say what those in V8's text say.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { pathToFileURL } = require('node:url')
const leakhunt = require('../../js/index.js')
const { leftovers } = require('../leftovers.js')
const { CLI, answerOf, freshDir, program, run, show } = require('../program.js')

const { TEST_DEVTOOLS: DEVTOOLS } = process.env

async function cli(...args) {
  const result = await run([CLI, ...args])
  assert.ok(result.code < 2, show({ ...result, stdout: result.stdout.slice(0, 1000) }))
  return result.stdout
}

/** A document without the names of files, which alone may differ. */
const unnamed = (text) => text.replaceAll(/"[^"]*\.(lhgraph|heapsnapshot(\.zst)?)"/g, '"FILE"')

/** Answers of `leakhunt inspect --json`, as text. */
async function ask(file, ...questions) {
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join('')
  const result = await run([CLI, 'inspect', file, '--json'], { input })
  assert.strictEqual(result.code, 0, show({ ...result, stdout: result.stdout.slice(0, 1000) }))
  return unnamed(result.stdout)
}

const classes = async (file) => new Map(JSON.parse(await ask(file, { question: 'classes', limit: 100_000 })).rows.map((row) => [row.class, row]))
const planted = (rows) => [...rows.values()].filter((row) => /^(?:Planted|LeakedSession)/.test(row.class))

test('columns of a live heap say what its text says', async (t) => {
  const dir = freshDir(t)
  const { files, columns } = await answerOf([program('graph.js'), dir, 'both'])
  // Apart from their sidecars, which would say nothing of the texts.
  const apart = freshDir(t)
  const paths = columns.map((_, index) => path.join(apart, `${index}.lhgraph`))
  const texts = columns.map((_, index) => path.join(apart, `${index}.heapsnapshot`))
  for (const [index, { path: file }] of columns.entries()) {
    fs.copyFileSync(file, paths[index])
    await cli('unpack', file, '-o', texts[index])
  }

  await t.test('the files are whole, with what belongs to them', () => {
    for (const { path: file, sidecar, format, engine, redacted, bytes, nodes } of columns) {
      assert.match(path.basename(file), /^Heap\.\d{8}\.\d{6}\.\d+\.\d+\.\d{3}\.lhgraph$/)
      assert.deepStrictEqual([format, engine, redacted, fs.statSync(file).size], ['lhgraph', 'pages', true, bytes])
      assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
      const beside = JSON.parse(fs.readFileSync(sidecar, 'utf8'))
      assert.deepStrictEqual([beside.snapshot, beside.format, beside.nodes], [path.basename(file), 'lhgraph', nodes])
      assert.ok(beside.classes.some(({ name, count }) => name === 'LeakedSession' && count >= 3000))
    }
    assert.deepStrictEqual(leftovers(dir), [])
  })

  await t.test('they are a fraction of the text packed', () => {
    const size = (all) => all.reduce((sum, file) => sum + fs.statSync(file).size, 0)
    // Most of what a small redacted heap takes is hashes, which nothing makes smaller.
    assert.ok(size(paths) * 5 < size(files) * 3, `${size(paths)} bytes, and the text packed ${size(files)}`)
    assert.ok(size(paths) * 10 < size(texts), `${size(paths)} bytes, and the text ${size(texts)}`)
  })

  await t.test('the verdict is the one on the text, byte for byte', async () => {
    assert.strictEqual(unnamed(await cli('analyze', '--json', ...paths)), unnamed(await cli('analyze', '--json', ...texts)))
  })

  await t.test('and of the same leak as that on the snapshots taken beside them', async () => {
    const [ours, beside] = [await leakhunt.analyze(columns.map((each) => each.path)), await leakhunt.analyze(files)]
    const found = ({ verdict, suspects: [{ class: name, cause, counts, location, fingerprint }] }) => ({ verdict, name, cause, counts, location, fingerprint })
    assert.deepStrictEqual(found(ours), found(beside))
    assert.deepStrictEqual([ours.verdict, ours.suspects[0].class], ['leak', 'LeakedSession'])
  })

  await t.test('every question has the same answer', async () => {
    const { rows } = JSON.parse(await ask(paths[2], { question: 'instances', class: 'LeakedSession', limit: 1 }))
    const object = rows[0].id
    const questions = [
      { question: 'classes', limit: 100_000 },
      { question: 'instances', class: 'LeakedSession', limit: 50 },
      { question: 'show', object },
      { question: 'path', object },
      { question: 'retainers', object },
    ]
    assert.strictEqual(await ask(paths[2], ...questions), await ask(texts[2], ...questions))
    assert.strictEqual(unnamed(await cli('retainers', '--json', paths[2], 'LeakedSession')), unnamed(await cli('retainers', '--json', texts[2], 'LeakedSession')))
    assert.strictEqual(unnamed(await cli('diff', '--json', paths[0], paths[2])), unnamed(await cli('diff', '--json', texts[0], texts[2])))
    const [ours, beside] = [planted(await classes(paths[2])), planted(await classes(files[2]))]
    const told = (all) => all.map((row) => [row.class, row.count, row.shallowBytes, row.retainedBytes]).toSorted()
    assert.ok(ours.length > 10)
    assert.deepStrictEqual(told(ours), told(beside))
  })

  await t.test('no content is in it', () => {
    for (const text of texts.map((file) => fs.readFileSync(file, 'utf8'))) {
      assert.ok(!/sess-\d|long long long/.test(text))
      assert.ok(/\[\d+ chars #[0-9a-f]{16}\]/.test(text) && text.includes('LeakedSession') && text.includes('onTick'))
    }
  })

  await t.test('what is redacted once more is the same graph, as columns and as text', async () => {
    const [again, text] = [path.join(apart, 'again.lhgraph'), path.join(apart, 'again.heapsnapshot')]
    await cli('redact', paths[2], '-o', again)
    await cli('redact', again, '-o', text)
    assert.strictEqual(fs.readFileSync(text, 'utf8'), fs.readFileSync(texts[2], 'utf8'))
  })

  await t.test("DevTools' own code opens what is unpacked, and counts the same", { skip: !DEVTOOLS && "DevTools' reader could not be had" }, async () => {
    const devtools = await import(pathToFileURL(DEVTOOLS))
    const snapshot = await devtools.readSnapshot(fs.createReadStream(texts[2], 'utf8'))
    devtools.groupByName(snapshot)
    const theirs = new Map(devtools.classesOf(snapshot).map((row) => [row.name, row]))
    for (const row of planted(await classes(paths[2]))) {
      const { count, shallowBytes, retainedBytes } = theirs.get(row.class)
      assert.deepStrictEqual([row.count, row.shallowBytes, row.retainedBytes], [count, shallowBytes, retainedBytes], row.class)
    }
  })
})

test('columns are refused where there is no graph', async (t) => {
  const hunt = leakhunt.start({ dir: freshDir(t), hunt: false, rules: [], capture: { engine: 'v8' } })
  t.after(() => hunt.stop())
  await assert.rejects(hunt.snapshot({ format: 'lhgraph' }), {
    code: 'ERR_LEAKHUNT_FORMAT_UNSUPPORTED',
    message: "format 'lhgraph' is of a graph, which V8's generator does not give: expected capture.engine 'auto' or 'pages' and capture.mode 'fork', got 'v8' and 'fork'",
  })
  await assert.rejects(hunt.snapshot({ format: 'json' }), { code: 'ERR_LEAKHUNT_INVALID_OPTION' })
})

test('what start() was told is the format of those that do not say', async (t) => {
  const hunt = leakhunt.start({ dir: freshDir(t), hunt: false, rules: [], capture: { engine: 'pages', format: 'lhgraph' } })
  t.after(() => hunt.stop())
  const [columns, text] = [await hunt.snapshot({ redact: false }), await hunt.snapshot({ format: 'heapsnapshot' })]
  assert.deepStrictEqual([columns.format, columns.redacted, text.format], ['lhgraph', false, 'heapsnapshot'])
  assert.match(text.path, /\.heapsnapshot\.zst$/)
  const { snapshots } = await leakhunt.analyze([columns.path])
  assert.strictEqual(snapshots[0].nodes, columns.nodes)
})
