'use strict'
// Whatever a file has in it: an answer, or exit code 2 and one line that names the place; soon, and in little memory. docs/hostile-files.md is the table.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { spawn } = require('node:child_process')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { CLI, freshDir, program, run, show } = require('../program.js')
const { COLUMN_FILES } = require('../hostile-columns.js')
const { FILES: TEXTS, SOUND, make, writeLong } = require('../hostile-files.js')

const FILES = [...TEXTS, ...COLUMN_FILES]

/** What Node itself takes is some fifty; the largest of these files has a header of a megabyte, or a string of 64. */
const MOST_MEGABYTES = 300

const VERBS = {
  analyze: (file) => ['analyze', file],
  diff: (file, sound) => ['diff', sound, file],
  retainers: (file) => ['retainers', file, '@1'],
  inspect: (file) => ['inspect', file, '-c', 'classes', '-c', 'show @1'],
  unpack: (file, _sound, out) => ['unpack', file, '-o', out],
  redact: (file, _sound, out) => ['redact', file, '-o', out],
}

/** Runs the command line; its result, with the most memory that it held. */
async function leakhuntOn(dir, args) {
  const peak = path.join(dir, `peak-${args[0]}`)
  const result = await run(['--require', program('peak-rss.js'), CLI, ...args], { env: { PEAK_RSS_FILE: peak } })
  return { ...result, megabytes: Number(fs.readFileSync(peak, 'utf8')) / 1024 }
}

function refused(result, line) {
  assert.strictEqual(result.code, 2, show(result))
  assert.strictEqual(result.stdout, '', show(result))
  assert.match(result.stderr, /^leakhunt: [^\n]{1,500}\n$/, show(result))
  assert.match(result.stderr.trimEnd(), line)
}

for (const [index, entry] of FILES.entries()) {
  const [what, , line] = entry
  test(`${what}: ${line === null ? 'an answer' : 'one line'}`, async (t) => {
    const dir = freshDir(t)
    const sound = path.join(dir, 'sound.heapsnapshot')
    fs.writeFileSync(sound, SOUND)
    const file = make(dir, entry)
    // One reader serves all verbs that read a graph, so a second verb, each in its turn, shows that none has a way of its own.
    for (const verb of ['analyze', ['diff', 'retainers', 'inspect'][index % 3]]) {
      const result = await leakhuntOn(dir, VERBS[verb](file, sound))
      if (line === null) assert.deepStrictEqual([result.code, result.stderr], [0, ''], show(result))
      else refused(result, line)
      assert.ok(!/panic/.test(result.stderr) && result.megabytes < MOST_MEGABYTES, `${verb}: ${result.megabytes} MB\n${show(result)}`)
    }
  })
}

test('what is written anew is whole, or is not there', async (t) => {
  const dir = freshDir(t)
  for (const entry of FILES.filter(([what]) => !/gigabyte|65 MiB/.test(what))) {
    const file = make(dir, entry)
    const [out, before] = [path.join(dir, 'out'), fs.readdirSync(dir)]
    for (const verb of ['unpack', 'redact']) {
      const result = await leakhuntOn(dir, VERBS[verb](file, null, out))
      if (result.code === 0) fs.rmSync(out)
      else refused(result, /\(ERR_LEAKHUNT_(SNAPSHOT_[A-Z_]+|IO)\)$/)
      assert.ok(result.megabytes < MOST_MEGABYTES, `${entry[0]}: ${verb} took ${result.megabytes} MB`)
      fs.rmSync(path.join(dir, `peak-${verb}`))
      assert.deepStrictEqual(fs.readdirSync(dir), before, `${verb} on ${entry[0]}`)
    }
  }
})

test('a FIFO with somebody at its other end is refused as well', async (t) => {
  const dir = freshDir(t)
  const fifo = make(dir, FILES.find(([what]) => what.startsWith('a FIFO')))
  const writer = spawn('sh', ['-c', 'exec cat /dev/zero > "$0"', fifo], { stdio: 'ignore' })
  t.after(() => writer.kill())
  for (const verb of Object.keys(VERBS).filter((each) => each !== 'diff')) {
    refused(await leakhuntOn(dir, VERBS[verb](fifo, null, path.join(dir, 'out'))), /not a regular file \(ERR_LEAKHUNT_(SNAPSHOT_UNREADABLE|IO)\)$/)
  }
})

test('a file that shrinks while it is read ends there', async (t) => {
  const file = path.join(freshDir(t), 'shrinks.heapsnapshot')
  // So long that most of it is still to come when the first progress is told.
  writeLong(file)
  let shrunk = false
  const onProgress = () => {
    if (!shrunk) fs.truncateSync(file, 1000)
    shrunk = true
  }
  await assert.rejects(leakhunt.analyze([file], { onProgress }), { code: 'ERR_LEAKHUNT_SNAPSHOT_TRUNCATED', message: /snapshot ends inside `other` at byte \d+$/ })
})

test('what a name may do to a terminal is not done by JSON either', async (t) => {
  const file = path.join(freshDir(t), 'names.heapsnapshot')
  const name = '\u009b31m\u007f\u202e\u2028\u{e0041}\u3164'
  fs.writeFileSync(file, SOUND.replace('"A"', JSON.stringify(`A${name}`)))
  for (const args of [['analyze', '--json', file], ['diff', '--json', file, file], ['inspect', '--json', file, '-c', 'classes']]) {
    const { code, stdout } = await run([CLI, ...args])
    assert.strictEqual(code, 0)
    assert.match(stdout, /^[\x20-\x7e]+\n$/, stdout)
    assert.ok(JSON.stringify(JSON.parse(stdout)).includes(name) || args[0] === 'diff')
  }
})
