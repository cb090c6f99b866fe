'use strict'
const assert = require('node:assert')
const crypto = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { pathToFileURL } = require('node:url')
const leakhunt = require('../../js/index.js')
const { PIN, canaries } = require('../canaries.js')
const { CLI, answerOf, freshDir, program, run, show } = require('../program.js')

const DEVTOOLS = process.env.TEST_DEVTOOLS

/** V8 may hold a string in pieces: one that is twice as long has one of these in it. */
const PIECE = 10

/** What the program has, and what Node has. */
const NAMES = ['CustomerAccount', 'SecretKeeper', 'Registry', 'customerRecord', 'accessKey', 'captured', 'sessionsByToken', 'hotLoad', '#note', '_events', 'nextTick', 'setEncoding', '<symbol Symbol.iterator>', 'get size']

async function unpack(file, out) {
  const result = await run([CLI, 'unpack', file, '-o', out])
  assert.strictEqual(result.code, 0, show(result))
  return fs.readFileSync(out)
}

function pieces(secret) {
  const all = []
  for (let at = 0; at + PIECE <= secret.length; at += PIECE) all.push(secret.slice(at, at + PIECE))
  return all
}

/** The names of the secrets of which a part is in the text. */
function found(secrets, texts) {
  return Object.entries(secrets)
    .filter(([, secret]) => pieces(secret).some((piece) => texts.some((text) => text.includes(piece))))
    .map(([name]) => name)
}

/** The file as it is, as what its strings mean, and as text of two bytes a letter. */
function views(bytes) {
  const { strings } = JSON.parse(bytes)
  const wide = { includes: (piece) => bytes.includes(Buffer.from(piece, 'utf16le')) }
  return { strings, texts: [bytes.toString('latin1'), strings.join('\n'), wide] }
}

async function secretsOf(t, { env = {}, options = {} } = {}) {
  const dir = freshDir(t)
  const seed = crypto.randomUUID()
  const secrets = canaries(seed)
  const answer = await answerOf([program('secrets.js'), dir, seed, JSON.stringify(options), secrets.argv], { env: { APP_TOKEN: secrets.env, ...env } })
  const bytes = await unpack(answer.path, path.join(dir, 'plain.heapsnapshot'))
  const sidecar = fs.readFileSync(answer.sidecar, 'utf8')
  return { dir, secrets, answer, bytes, sidecar, ...views(bytes) }
}

function assertRedacted({ secrets, answer, sidecar, strings, texts }) {
  assert.strictEqual(answer.redacted, true)
  assert.strictEqual(JSON.parse(sidecar).redacted, true)
  assert.deepStrictEqual(found(secrets, texts), [], 'secrets in the snapshot')
  assert.deepStrictEqual(found(secrets, [sidecar]), [], 'secrets in the sidecar')
  assert.ok(!strings.includes(String(PIN)))
  for (const name of NAMES) assert.ok(strings.includes(name), `${name} has not stayed`)
  assert.ok(strings.some((text) => text.endsWith('secrets.js')), 'the script has lost its name')
}

test('no secret of a live app is in a snapshot, and the names of its source are', async (t) => {
  const redacted = await secretsOf(t)
  assertRedacted(redacted)

  await t.test('it opens in Chrome DevTools', { skip: !DEVTOOLS && "DevTools' reader could not be had" }, async () => {
    const { readClasses } = await import(pathToFileURL(DEVTOOLS))
    const { nodes, classes } = await readClasses([redacted.bytes.toString('utf8')])
    assert.strictEqual(nodes, JSON.parse(redacted.bytes).snapshot.node_count)
    assert.strictEqual(classes.find(({ name }) => name === 'CustomerAccount').count, 1)
  })
})

test('the same app without redaction: every secret is there, and `leakhunt redact` takes all of them out', async (t) => {
  const open = await secretsOf(t, { options: { redact: false } })
  assert.strictEqual(open.answer.redacted, false)
  assert.strictEqual(JSON.parse(open.sidecar).redacted, false)
  assert.deepStrictEqual(found(open.secrets, open.texts), Object.keys(open.secrets))
  assert.ok(open.strings.includes(String(PIN)))

  const out = path.join(open.dir, 'redacted.heapsnapshot')
  const result = await run([CLI, 'redact', open.answer.path, '-o', out, '--json'])
  assert.strictEqual(result.code, 0, show(result))
  assert.deepStrictEqual(JSON.parse(result.stdout), { path: out, bytes: fs.statSync(out).size })
  const bytes = fs.readFileSync(out)
  const { strings, texts } = views(bytes)
  assertRedacted({ ...open, answer: { redacted: true }, sidecar: '{"redacted":true}', strings, texts })
  // All but the strings is the same, to the byte.
  const head = open.bytes.indexOf('"strings":[')
  assert.ok(bytes.subarray(0, head).equals(open.bytes.subarray(0, head)))
  assert.strictEqual(strings.length, open.strings.length)
})

test('the in-process way redacts as well', async (t) => {
  assertRedacted(await secretsOf(t, { options: { capture: { mode: 'inline' } } }))
})

test('LEAKHUNT_REDACT=1 cannot be undone by code', async (t) => {
  assertRedacted(await secretsOf(t, { options: { redact: false }, env: { LEAKHUNT_REDACT: '1' } }))
})

test('the verdict on redacted snapshots is that on the same ones with their contents', async (t) => {
  const dir = freshDir(t)
  const { paths } = await answerOf([program('leak.js'), dir], { env: { LEAKHUNT_REDACT: '0' } })
  const redacted = paths.map((_, i) => path.join(dir, `${i}.heapsnapshot`))
  for (const [i, file] of paths.entries()) {
    const result = await run([CLI, 'redact', file, '-o', redacted[i]])
    assert.strictEqual(result.code, 0, show(result))
  }
  const [before, after] = await Promise.all([paths, redacted].map((files) => leakhunt.analyze(files)))
  assert.strictEqual(before.verdict, 'leak')
  assert.strictEqual(before.suspects[0].class, 'Session')
  const withoutPaths = ({ snapshots, ...rest }) => ({ ...rest, snapshots: snapshots.map((snapshot) => ({ ...snapshot, path: '' })) })
  assert.deepStrictEqual(withoutPaths(after), withoutPaths(before))
})
