'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { CLI, answerOf, filesIn, freshDir, program, run, show } = require('../program.js')

const cli = (args) => run([CLI, ...args])

test('censuses at intervals go to a file, and the command line tells what grows', async (t) => {
  const dir = freshDir(t)
  const { events, problem } = await answerOf([program('census-leak.js'), dir, '5'])
  const files = filesIn(dir).map((name) => path.join(dir, name))

  await t.test('each is an event with what there was at the time', () => {
    assert.strictEqual(events.length, 5, JSON.stringify(problem))
    // An object beside the planted ones is the prototype.
    for (const { id, tickets, held } of events) assert.ok(id === null && tickets - held <= 1 && tickets >= held, JSON.stringify(events))
    assert.ok(events.every(({ timestamp }, index) => index === 0 || timestamp > events[index - 1].timestamp))
  })

  await t.test('of five the last three are on disk, for the owner alone', () => {
    assert.deepStrictEqual(files, [...new Set(events.slice(2).map((event) => event.path))].sort())
    for (const file of files) {
      assert.match(path.basename(file), /^Census\.\d{8}\.\d{6}\.\d+\.0\.\d{3}\.lhcensus$/)
      assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
    }
  })

  await t.test('--json has all of them', async () => {
    const result = await cli(['census', ...files, '--json'])
    assert.strictEqual(result.code, 0, show(result))
    const { version, censuses, classes, notes } = JSON.parse(result.stdout)
    assert.deepStrictEqual([version, notes], [1, []])
    assert.deepStrictEqual(censuses.map(({ timestampMs }) => timestampMs), events.slice(2).map(({ timestamp }) => timestamp))
    const ticket = classes.find(({ name, kind }) => name === 'Ticket' && kind === 'object')
    assert.deepStrictEqual(ticket.counts, events.slice(2).map(({ tickets }) => tickets))
    assert.match(ticket.location, /census-leak\.js:\d+:\d+$/)
  })

  await t.test('--diff has what grew first', async () => {
    const result = await cli(['census', ...files, '--diff'])
    assert.strictEqual(result.code, 0, show(result))
    const lines = result.stdout.split('\n')
    assert.match(lines[0], /^3 censuses over \d+ s: from [\d,]+ to [\d,]+ objects/)
    assert.ok(lines.slice(3, 8).some((line) => /^Ticket .* \+2,000 /.test(line)), result.stdout)
  })

  await t.test('the end of a file that is missing is a note', async () => {
    const cut = path.join(freshDir(t), 'cut.lhcensus')
    const whole = fs.readFileSync(files[0])
    fs.writeFileSync(cut, whole.subarray(0, whole.length - 5))
    const result = await cli(['census', cut])
    assert.strictEqual(result.code, 0, show(result))
    assert.match(result.stdout, /! the last \d+ bytes of \S+ are of a census that was never\s+finished/)
  })

  await t.test('what is no file of censuses is one line and exit code 2', async () => {
    const other = path.join(freshDir(t), 'other')
    const damaged = fs.readFileSync(files[0])
    damaged[40] ^= 0x55
    const newer = Buffer.from(fs.readFileSync(files[0]))
    newer[8] = 9
    for (const [bytes, line] of [
      ['{"snapshot":{}}', /it is no file of censuses: expected it to begin with "LHCENSUS" \(ERR_LEAKHUNT_NOT_A_CENSUS\)$/],
      ['', /it is no file of censuses.* \(ERR_LEAKHUNT_NOT_A_CENSUS\)$/],
      [newer, /it is of version 9, and this leakhunt reads version 1 \(ERR_LEAKHUNT_CENSUS_VERSION\)$/],
      [damaged, /census 1 at byte 12 cannot be unpacked \(.*\) \(ERR_LEAKHUNT_CENSUS_DAMAGED\)$/],
    ]) {
      fs.writeFileSync(other, bytes)
      const { code, stdout, stderr } = await cli(['census', other])
      assert.deepStrictEqual([code, stdout], [2, ''])
      assert.match(stderr.trimEnd(), line)
    }
    const missing = await cli(['census', path.join(dir, 'missing')])
    assert.strictEqual(missing.code, 2)
    assert.match(missing.stderr, /missing: .*\(ERR_LEAKHUNT_IO\)\n$/)
  })
})
