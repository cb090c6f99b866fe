'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { gzipSync } = require('node:zlib')
const { writeHeapSnapshot } = require('node:v8')
const leakhunt = require('../../js/index.js')
const { CLI, freshDir, run, show, start, until } = require('../program.js')

const cli = (...args) => run([CLI, ...args])

/** Exit code 2, nothing on stdout, one line on stderr that has all of `words` in it and no panic. */
function refused(result, ...words) {
  assert.strictEqual(result.code, 2, show(result))
  assert.strictEqual(result.stdout, '', show(result))
  assert.match(result.stderr, /^leakhunt: .+ \(ERR_LEAKHUNT_[A-Z_]+\)\n$/, show(result))
  for (const word of words) assert.ok(result.stderr.includes(word), `${word} in: ${result.stderr}`)
  assert.ok(!/panick|at .*\.js:\d+/.test(result.stderr), show(result))
}

/** Files that are no snapshots, each wrong in its own way. */
function badFiles(t) {
  const dir = freshDir(t)
  const good = writeHeapSnapshot(path.join(dir, 'good.heapsnapshot'))
  const bytes = fs.readFileSync(good)
  const file = (name, content) => {
    fs.writeFileSync(path.join(dir, name), content)
    return path.join(dir, name)
  }
  const cut = (share) => bytes.subarray(0, Math.floor(bytes.length * share))
  return {
    dir,
    good,
    bad: [
      ['empty', file('empty.heapsnapshot', '')],
      ['not JSON', file('text.heapsnapshot', 'hello, this is no snapshot\n')],
      ['wrong JSON', file('wrong.heapsnapshot', '{"snapshot": {"meta": 5}}')],
      ['other JSON', file('other.heapsnapshot', JSON.stringify({ name: 'x', list: [1, 2, 3] }))],
      ['a list', file('list.heapsnapshot', '[1,2,3]')],
      ['cut in the head', file('cut-head.heapsnapshot', bytes.subarray(0, 300))],
      ['cut in the nodes', file('cut-nodes.heapsnapshot', cut(0.1))],
      ['cut in the edges', file('cut-edges.heapsnapshot', cut(0.5))],
      ['cut in the strings', file('cut-strings.heapsnapshot', cut(0.99))],
      ['broken zstd', file('broken.heapsnapshot.zst', Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(64, 7)]))],
      ['broken gzip', file('broken.heapsnapshot.gz', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(64, 7)]))],
      ['binary', file('binary.heapsnapshot', Buffer.alloc(4096, 0xff))],
      ['a directory', dir],
      ['missing', path.join(dir, 'missing.heapsnapshot')],
    ],
  }
}

test('bad input: exit code 2 and one line that names the file', async (t) => {
  const { dir, good, bad } = badFiles(t)
  for (const [what, file] of bad) {
    await t.test(what, async () => {
      const commands = [['analyze', file], ['analyze', '--json', good, file], ['diff', good, file], ['retainers', file, 'Object']]
      for (const result of await Promise.all(commands.map((command) => cli(...command)))) refused(result, file)
      await assert.rejects(leakhunt.analyze([file]), ({ code, message }) => /^ERR_LEAKHUNT_/.test(code) && !message.includes('\n'))
    })
  }
  await t.test('unpack leaves no file behind', async () => {
    const before = fs.readdirSync(dir)
    for (const [what, file] of bad.filter(([each]) => /zstd|gzip|directory|missing/.test(each))) {
      refused(await cli('unpack', file, '-o', path.join(dir, 'out')), file)
      assert.deepStrictEqual(fs.readdirSync(dir), before, what)
    }
    refused(await cli('unpack', good, '-o', good), good)
    refused(await cli('unpack', good, '-o', path.join(dir, 'no', 'such', 'out')))
  })
  await t.test('redact leaves no file behind, whatever is wrong', async () => {
    const before = fs.readdirSync(dir)
    for (const [what, file] of bad) {
      refused(await cli('redact', file, '-o', path.join(dir, 'out.heapsnapshot.zst')), file)
      assert.deepStrictEqual(fs.readdirSync(dir), before, what)
    }
    refused(await cli('redact', good, '-o', good), good)
    refused(await cli('redact', good, '-o', path.join(dir, 'no', 'such', 'out')))
  })
  await t.test('a class or an object that is not there', async () => {
    refused(await cli('retainers', good, 'NoSuchClassAnywhere'), 'NoSuchClassAnywhere')
    refused(await cli('retainers', good, '@999999999'), '999999999')
  })
})

test('a truncated file is told with the section and the byte', async (t) => {
  const { bad } = badFiles(t)
  const of = (name) => bad.find(([what]) => what === name)[1]
  assert.match((await cli('analyze', of('cut in the nodes'))).stderr, /nodes.* byte \d+/)
  assert.match((await cli('analyze', of('cut in the edges'))).stderr, /edges.* byte \d+/)
})

test('mistakes in the command line: exit code 2 and one line', async () => {
  refused(await cli(), 'a verb is missing')
  refused(await cli('analyse'), "did you mean 'analyze'?")
  refused(await cli('analyze'), 'usage: leakhunt analyze')
  refused(await cli('analyze', '--jsn', 'x'), "did you mean '--json'?")
  refused(await cli('analyze', '--json=5', 'x'))
  refused(await cli('diff', 'a'), 'usage: leakhunt diff')
  refused(await cli('retainers', 'a'), 'usage: leakhunt retainers')
  refused(await cli('inspect'), 'usage: leakhunt inspect')
  refused(await cli('unpack', 'a'), 'usage: leakhunt unpack')
  refused(await cli('redact', 'a'), 'usage: leakhunt redact')
  refused(await cli('redact', 'a', '-o', 'b.gz'), "'b.gz'", '.zst')
  refused(await cli('capabilities', 'x'), 'usage: leakhunt capabilities')
  refused(await cli('demo', 'x'), 'usage: leakhunt demo')
  refused(await cli('help', 'nothing'), "unknown verb 'nothing'")
  refused(await cli('run', 'node', 'app.js'), 'usage: leakhunt run')
  refused(await cli('run', '--interval-ms', 'soon', '--', 'node', '-e', '0'), '--interval-ms', "'soon'")
  refused(await cli('run', '--intervall', '5', '--', 'node', '-e', '0'), "did you mean '--interval-ms'?")
})

test('help, version and capabilities', async () => {
  const { version } = require('../../package.json')
  assert.strictEqual((await cli('--version')).stdout, `${version}\n`)
  const overview = (await cli('help')).stdout
  for (const verb of ['run', 'analyze', 'diff', 'retainers', 'inspect', 'unpack', 'redact', 'demo', 'capabilities']) {
    assert.match(overview, new RegExp(`^  ${verb} `, 'm'))
    const { code, stdout } = await cli('help', verb)
    assert.strictEqual(code, 0)
    assert.match(stdout, new RegExp(`^usage: leakhunt ${verb}`))
    assert.strictEqual((await cli(verb, '--help')).stdout, stdout)
  }
  const { stdout } = await cli('capabilities', '--json')
  assert.deepStrictEqual(JSON.parse(stdout), leakhunt.capabilities())
  assert.match((await cli('capabilities')).stdout, /^ +fork +native$/m)
})

test('one snapshot alone: inconclusive, and exit code 1 only with --strict', async (t) => {
  const { good } = badFiles(t)
  const json = await cli('analyze', '--json', good)
  assert.strictEqual(json.code, 0, show(json))
  assert.strictEqual(JSON.parse(json.stdout).verdict, 'inconclusive')
  assert.strictEqual((await cli('analyze', '--strict', good)).code, 1)
})

test('redact reads and writes plain and zstd, and stops at a signal without leaving a file', async (t) => {
  const { dir, good } = badFiles(t)
  const packed = path.join(dir, 'packed.heapsnapshot.zst')
  const plain = path.join(dir, 'plain.heapsnapshot')
  for (const [from, to] of [[good, packed], [packed, plain]]) {
    const result = await cli('redact', from, '-o', to)
    assert.deepStrictEqual([result.code, result.stdout], [0, `${to} (${fs.statSync(to).size} bytes)\n`], show(result))
  }
  const [nodes, again] = [good, plain].map((file) => JSON.parse(fs.readFileSync(file, 'utf8')).nodes)
  assert.deepStrictEqual(again, nodes)

  // Gigabytes of blanks before the end, so that the signal comes in time; in small parts, so that the file is not taken for a bomb.
  const [endless, out] = ['endless.gz', 'out'].map((file) => path.join(dir, file))
  const blanks = Buffer.concat(Array(1 << 14).fill(gzipSync(Buffer.alloc(1 << 12, ' '))))
  fs.writeFileSync(endless, Buffer.concat([gzipSync('{'), ...Array(64).fill(blanks)]))
  const { child, ended } = start([CLI, 'redact', endless, '-o', out])
  await Promise.race([ended, until(() => fs.existsSync(`${out}.partial`), 'the unfinished file')])
  child.kill('SIGTERM')
  const result = await ended
  refused(result, 'aborted')
  assert.deepStrictEqual(fs.readdirSync(dir).filter((file) => file.startsWith('out')), [])
})
