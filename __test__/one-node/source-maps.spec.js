'use strict'
// Programs that are compiled before they run, by real compilers: the verdict names the source, where a map lies beside the script.
const assert = require('node:assert')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { CLI, ROOT, answerOf, freshDir, program, run, show } = require('../program.js')

const SOURCES = program('compiled')
const ESBUILD = path.join(ROOT, '__test__', 'devtools', 'node_modules', 'esbuild', 'bin', 'esbuild')
const TSC = require.resolve('typescript/bin/tsc')

/** The line of orders.ts, counted from 1, in which `text` stands. */
const lineOf = (text) => fs.readFileSync(path.join(SOURCES, 'orders.ts'), 'utf8').split('\n').findIndex((line) => line.includes(text)) + 1

/** A project with the sources in `src`; `compile(dir)` writes what is to run and returns its path. */
async function project(t, compile) {
  const dir = fs.realpathSync(freshDir(t))
  fs.cpSync(SOURCES, path.join(dir, 'src'), { recursive: true })
  // Whatever stands in the folders around this one has no say.
  fs.writeFileSync(path.join(dir, 'package.json'), '{"type":"commonjs"}')
  const script = compile(dir)
  const { paths } = await answerOf([script, path.join(ROOT, 'js', 'index.js'), path.join(dir, 'snapshots')])
  return { dir, script, paths, orders: path.join(dir, 'src', 'orders.ts') }
}

function tsc(dir) {
  // Not checked: that takes half a minute on a busy machine, and needs the types of Node.
  const options = ['--outDir', 'dist', '--rootDir', 'src', '--module', 'node16', '--target', 'es2022', '--lib', 'es2022', '--sourceMap', '--noCheck']
  execFileSync(process.execPath, [TSC, ...options, 'src/main.ts'], { cwd: dir })
  return path.join(dir, 'dist', 'main.js')
}

const esbuild =
  (file, ...options) =>
  (dir) => {
    execFileSync(ESBUILD, ['src/main.ts', '--bundle', '--platform=node', `--outfile=${file}`, ...options, '--log-level=error'], { cwd: dir })
    return path.join(dir, file)
  }

const suspectOf = (verdict, isMeant) => verdict.suspects.find(isMeant) ?? assert.fail(JSON.stringify(verdict, null, 1))

function namesTheSource(verdict, { orders, script }) {
  const order = suspectOf(verdict, (suspect) => suspect.location?.line === lineOf('function placeOrder'))
  assert.strictEqual(order.location.script, orders)
  assert.strictEqual(order.location.function, 'placeOrder')
  assert.ok(order.location.generated.script.endsWith(path.basename(script)) || order.location.generated.script.endsWith('orders.js'))
  const [unnamed] = verdict.unnamedFunctions.functions
  assert.strictEqual(unnamed.location.script, orders)
  assert.strictEqual(unnamed.location.line, lineOf('callbacks.push(function'))
  assert.match(unnamed.name, new RegExp(`^anonymous at orders\\.ts:${unnamed.location.line}:`))
  return order
}

test('a program compiled by TypeScript', async (t) => {
  const built = await project(t, tsc)

  await t.test('is told by its sources, and known by what runs', async () => {
    const { paths, orders, dir } = built
    const verdict = await leakhunt.analyze(paths)
    const order = namesTheSource(verdict, built)
    const generated = await leakhunt.analyze(paths, { sourceMaps: false })
    assert.deepStrictEqual(
      generated.suspects.map(({ fingerprint }) => fingerprint),
      verdict.suspects.map(({ fingerprint }) => fingerprint),
    )
    const same = suspectOf(generated, ({ fingerprint }) => fingerprint === order.fingerprint)
    assert.strictEqual(same.location.script, path.join(dir, 'dist', 'orders.js'))
    assert.strictEqual(same.location.generated, undefined)
    const { function: name, ...place } = same.location
    assert.deepStrictEqual([name, place], ['placeOrder', order.location.generated])

    const text = await run([CLI, 'analyze', ...paths])
    assert.ok(text.stdout.replace(/\s+/g, ' ').includes(`${orders}:${order.location.line}:`), show(text))
    const off = await run([CLI, 'analyze', '--no-source-maps', '--json', ...paths])
    assert.deepStrictEqual(JSON.parse(off.stdout), generated)
  })

  await t.test('retainers and inspect name the same source', async () => {
    const file = built.paths[2]
    const { example } = JSON.parse((await run([CLI, 'retainers', '--json', file, 'Order'])).stdout)
    assert.strictEqual(example.location.script, built.orders)
    const off = JSON.parse((await run([CLI, 'retainers', '--json', '--no-source-maps', file, 'Order'])).stdout)
    assert.strictEqual(off.example.location.script, example.location.generated.script)
    for (const sourceMaps of [true, false]) {
      const open = await leakhunt.inspect(file, { sourceMaps })
      const { location } = await open.ask({ question: 'show', object: example.id })
      assert.strictEqual(location.script, sourceMaps ? built.orders : example.location.generated.script)
      open.close()
    }
  })

  await t.test('a map that is hostile or gone changes nothing', async () => {
    const { paths, dir } = built
    const script = path.join(dir, 'dist', 'orders.js')
    const map = `${script}.map`
    const good = fs.readFileSync(map, 'utf8')
    const code = fs.readFileSync(script, 'utf8')
    const expected = await leakhunt.analyze(paths, { sourceMaps: false })
    const link = (url) => fs.writeFileSync(script, code.replace(/sourceMappingURL=.*/, () => `sourceMappingURL=${url}`))
    const section = '{"offset":{"line":0,"column":0},"map":{"sections":['
    const states = {
      'no map': () => {},
      'a map of lines without an end': () => fs.writeFileSync(map, `{"version":3,"sources":[],"names":[],"mappings":"${';'.repeat(32 << 20)}"}`),
      'a map of sections in sections': () => fs.writeFileSync(map, `{"version":3,"sections":[${section.repeat(100_000)}`),
      'a map that names itself': () => fs.writeFileSync(map, '{"version":3,"sections":[{"offset":{"line":0,"column":0},"url":"orders.js.map"}]}'),
      'a map of a gigabyte': () => {
        fs.writeFileSync(map, '{')
        fs.truncateSync(map, 2 ** 30)
      },
      'a FIFO': () => execFileSync('mkfifo', [map]),
      'a link to /dev/zero': () => fs.symlinkSync('/dev/zero', map),
      'a map that is not UTF-8': () => fs.writeFileSync(map, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
      'a path out of the project': () => link('../../../../../../etc/passwd'),
      'a path from the root': () => {
        fs.writeFileSync(path.join(dir, 'elsewhere.map'), good)
        link(path.join(dir, 'elsewhere.map'))
      },
    }
    for (const [what, prepare] of Object.entries(states)) {
      fs.rmSync(map, { force: true })
      fs.writeFileSync(script, code)
      prepare()
      const result = await run([CLI, 'analyze', '--json', ...paths])
      assert.strictEqual(result.code, 1, `${what}: ${show(result)}`)
      assert.deepStrictEqual(JSON.parse(result.stdout), expected, what)
    }
    fs.rmSync(map, { force: true })
    fs.writeFileSync(script, code)
    fs.writeFileSync(map, good)
    namesTheSource(await leakhunt.analyze(paths), built)
  })
})

test('a minified bundle is told by its sources, with the names that its functions had', async (t) => {
  const built = await project(t, esbuild('dist/bundle.js', '--minify', '--sourcemap', '--format=cjs'))
  const order = namesTheSource(await leakhunt.analyze(built.paths), built)
  const [plain] = (await leakhunt.analyze(built.paths, { sourceMaps: false })).suspects.filter(({ fingerprint }) => fingerprint === order.fingerprint)
  assert.notStrictEqual(plain.location.function, 'placeOrder')
})

test('a map may stand in the script itself, here an ES module', async (t) => {
  const built = await project(t, esbuild('dist/bundle.mjs', '--minify', '--sourcemap=inline', '--format=esm'))
  namesTheSource(await leakhunt.analyze(built.paths), built)
})
