'use strict'
// Leaks that are known and accepted: told apart, and no alarm, until the day that was written down.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { execFileSync } = require('node:child_process')
const { pathToFileURL } = require('node:url')
const { before, test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { CLI, answerOf, freshDir, program, run, show } = require('../program.js')
const { HUNT, begin, grow } = require('../unattended.js')

let paths
let found

before(async (t) => {
  paths = (await answerOf([program('leak.js'), freshDir(t)])).paths
  found = await leakhunt.analyze(paths)
  assert.strictEqual(found.verdict, 'leak')
})

const fingerprint = () => found.suspects[0].fingerprint
const write = (t, content) => {
  const file = path.join(freshDir(t), 'known.json')
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

test('a known leak is no suspect, and the command line ends with 0', async (t) => {
  const reason = 'sessions are kept on purpose'
  const file = write(t, [{ fingerprint: '0123456789abcdef' }, { fingerprint: fingerprint(), reason, until: '2999-12-31' }])
  const { code, stdout, stderr } = await run([CLI, 'analyze', '--json', '--known', file, ...paths])
  assert.strictEqual(code, 0, stderr)
  const verdict = JSON.parse(stdout)
  const [{ rank, class: name, counts, reason: why, until }] = verdict.known
  assert.deepStrictEqual([verdict.verdict, verdict.suspects, verdict.known.length], ['no-leak', [], 1])
  assert.deepStrictEqual([rank, name, counts, why, until], [1, 'Session', [1000, 2000, 3000], reason, '2999-12-31'])
  assert.match(verdict.summary, /one known leak/)
  const text = await run([CLI, 'analyze', '--known', file, ...paths])
  assert.strictEqual(text.code, 0, show(text))
  assert.match(text.stdout.replace(/\s+/g, ' '), /^NO LEAK .*Known, and accepted Session .*sessions are kept on purpose \(until 2999-12-31\)/)
})

test('every form of a list is taken', async (t) => {
  const entries = [{ fingerprint: fingerprint() }]
  const file = write(t, entries)
  for (const known of [entries, file, pathToFileURL(file), found, write(t, found)]) {
    const verdict = await leakhunt.analyze(paths, { known })
    assert.deepStrictEqual([verdict.verdict, verdict.known.length], ['no-leak', 1])
    // A verdict with what was accepted serves as a list again.
    assert.strictEqual((await leakhunt.analyze(paths, { known: verdict })).verdict, 'no-leak')
  }
})

test('after its day it counts again, and a note says so', async () => {
  const verdict = await leakhunt.analyze(paths, { known: [{ fingerprint: fingerprint(), until: '2020-01-31' }] })
  assert.deepStrictEqual([verdict.verdict, verdict.suspects.length, verdict.known], ['leak', found.suspects.length, []])
  assert.ok(verdict.notes.some((note) => note.includes('was accepted until 2020-01-31')), verdict.notes.join('\n'))
})

test('another leak beside a known one is still a leak', async () => {
  const other = fingerprint().replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
  assert.strictEqual((await leakhunt.analyze(paths, { known: [{ fingerprint: other }] })).verdict, 'leak')
})

test('a list that is wrong is refused with its place', async (t) => {
  const good = { fingerprint: fingerprint() }
  const pipe = path.join(freshDir(t), 'pipe')
  execFileSync('mkfifo', [pipe])
  const wrong = [
    ['{', /no JSON/],
    ['7', /expected a JSON array of entries, got 7/],
    [{ known: [] }, /or a verdict with its 'suspects'/],
    [[good, 'x'], /entry 2: expected an object with a 'fingerprint', got "x"/],
    [[{ fingerprint: 'abc' }], /entry 1: 'fingerprint' must be 16 hexadecimal digits as a verdict has them, got "abc"/],
    [[{ ...good, untill: '2027-01-31' }], /entry 1: unknown field 'untill': did you mean 'until'\?/],
    [[{ ...good, until: '2027-02-31' }], /entry 1: 'until' must be a day as 2027-01-31, got "2027-02-31"/],
    [[{ ...good, reason: 5 }], /entry 1: 'reason' must be a string/],
    [Array.from({ length: 10_001 }, () => good), /expected at most 10000 entries, got 10001/],
    [`[${' '.repeat(1024 * 1024)}]`, /expected at most 1048576 bytes/],
    [[{ ['k'.repeat(1_000_000)]: 1 }], /entry 1: unknown field 'k{60}': known are fingerprint, reason, until$/],
    [`${'['.repeat(400_000)}${']'.repeat(400_000)}`, /entry 1: expected an object with a 'fingerprint', got an array that JSON cannot write$/],
  ]
  const files = wrong.map(([content, words]) => [write(t, content), words])
  files.push([pipe, /expected a file/], ['/dev/zero', /expected a file/], [path.join(pipe, 'x'), /ENOTDIR/], ['/nowhere.json', /ENOENT/])
  for (const [file, words] of files) {
    await assert.rejects(leakhunt.analyze(paths, { known: file }), ({ code, message }) => {
      assert.strictEqual(code, 'ERR_LEAKHUNT_KNOWN_LEAKS')
      assert.match(message, words)
      return message.startsWith(file)
    })
  }
  const { code, stdout, stderr } = await run([CLI, 'analyze', '--known', files[3][0], ...paths])
  assert.deepStrictEqual([code, stdout], [2, ''])
  assert.match(stderr, /^leakhunt: .*entry 2: .* \(ERR_LEAKHUNT_KNOWN_LEAKS\)\n$/)
  await assert.rejects(leakhunt.analyze(paths, { known: 7 }), { code: 'ERR_LEAKHUNT_INVALID_OPTION' })
})

test('an unattended hunt stands down where all is known, and a list that is gone costs no verdict', async (t) => {
  const dir = freshDir(t)
  const known = path.join(dir, 'known.json')
  const options = { dir, hunt: { ...HUNT, restMs: 100, known }, limits: { maxCount: 100, cooldownMs: 0, minFreeDiskBytes: 0 } }
  const first = begin(t, options)
  await grow(first)
  const leak = await first.next('leak')
  assert.ok(leak.verdict.notes.some((note) => /known leaks could not be read.*ENOENT/.test(note)), leak.verdict.notes.join('\n'))
  first.say('stop')
  first.say('exit')
  await first.ended
  fs.writeFileSync(known, JSON.stringify(leak.verdict))
  const second = begin(t, options)
  await grow(second)
  const end = await second.next('stood-down')
  assert.deepStrictEqual([end.reason, end.verdict.verdict, end.verdict.known[0].fingerprint], ['no-leak', 'no-leak', leak.fingerprint])
})
