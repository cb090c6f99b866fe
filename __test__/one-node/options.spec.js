'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { analystCommand } = require('../../js/analyst-command.js')
const leakhunt = require('../../js/index.js')
const { resolveOptions } = require('../../js/options/index.js')
const { chooseDirectory, nodeOption } = require('../../js/options/directory.js')
const { OPTIONS } = require('../../js/options/table.js')
const { findManifest, readManifest } = require('../../js/options/manifest.js')
const { REGISTER, answerOf, freshDir } = require('../program.js')

const nothing = { env: {}, manifest: () => ({ file: null, settings: undefined }) }
const resolve = (code, env = {}, settings = undefined) =>
  resolveOptions(code, { env, manifest: () => ({ file: '/srv/app/package.json', settings }) })

const WRONG = [
  [{ intervalMs: 5 }, RangeError, /'intervalMs' must be a whole number from 10 to 3600000 \(milliseconds\), got 5$/],
  [{ intervalMs: '500' }, TypeError, /'intervalMs'.* got '500'$/],
  [{ intervalMs: NaN }, TypeError, /'intervalMs'.* got NaN$/],
  [{ intervalMs: 10.5 }, RangeError, /'intervalMs'.* got 10.5$/],
  [{ dir: '' }, TypeError, /'dir' must be the path of a directory, got ''$/],
  [{ dir: 3 }, TypeError, /'dir'.* got 3$/],
  [{ thresholds: 5 }, TypeError, /'thresholds' must be an object, got 5$/],
  [{ thresholds: { heapUsedPercent: 101 } }, RangeError, /'thresholds.heapUsedPercent' must be a number from 0.1 to 100 \(per cent\), got 101$/],
  [{ thresholds: { heapUsedBytes: -1 } }, RangeError, /'thresholds.heapUsedBytes' must be a whole number of at least 1 \(bytes\), got -1$/],
  [{ thresholds: { samples: 0 } }, RangeError, /'thresholds.samples'.* got 0$/],
  [{ capture: { mode: 'forc' } }, RangeError, /'capture.mode' must be one of 'fork', 'inline', 'off', got 'forc'$/],
  [{ capture: { nice: 20 } }, RangeError, /'capture.nice'.* got 20$/],
  [{ growth: 1 }, TypeError, /'growth' must be true or false, got 1$/],
  [{ hunt: 5 }, TypeError, /'hunt' must be true, false or an object, got 5$/],
  [{ hunt: { enabled: 'yes' } }, TypeError, /'hunt.enabled' must be true or false, got 'yes'$/],
  [{ hunt: { patienceMs: 1 } }, RangeError, /'hunt.patienceMs'.* got 1$/],
  [{ labels: { a: 1 } }, TypeError, /'labels.a' must be a string, got 1$/],
  [{ labels: [] }, TypeError, /'labels' must be an object of strings/],
  [{ rules: {} }, TypeError, /'rules' must be an array/],
  [{ rules: [{ metric: 'rss' }] }, TypeError, /'rules\[0\]' must be an object with either 'aboveBytes' or 'abovePercent'/],
  [{ rules: [{ metric: 'rs', aboveBytes: 1 }] }, RangeError, /'rules\[0\].metric' must be one of/],
  [{ rules: [{ metric: 'external', abovePercent: 1 }] }, RangeError, /'rules\[0\].abovePercent'/],
  [5, TypeError, /must be an object, got 5$/],
]

test('a wrong option in code throws: the value, the option and what was expected', () => {
  for (const [options, Class, message] of WRONG) {
    assert.throws(
      () => leakhunt.start(options),
      (error) => {
        assert.ok(error instanceof Class, `${error}`)
        assert.strictEqual(error.code, 'ERR_LEAKHUNT_INVALID_OPTION')
        assert.match(error.message, message)
        return true
      },
    )
  }
})

test('an unknown option is refused with the nearest name', () => {
  const unknown = (options, message) => assert.throws(() => leakhunt.start(options), { name: 'TypeError', code: 'ERR_LEAKHUNT_UNKNOWN_OPTION', message })
  unknown({ interval: 5 }, "unknown option 'interval': did you mean 'intervalMs'?")
  unknown({ treshholds: {} }, "unknown option 'treshholds': did you mean 'thresholds'?")
  unknown({ limits: { maxcount: 5 } }, "unknown option 'limits.maxcount': did you mean 'maxCount'?")
  unknown({ hunt: { rest: 5 } }, "unknown option 'hunt.rest': did you mean 'restMs'?")
  unknown({ rules: [{ metrik: 'rss' }] }, "unknown option 'rules[0].metrik': did you mean 'metric'?")
  unknown({ zzzzzzzz: 1 }, /known are dir, intervalMs/)
})

test('code wins over the environment, the environment over package.json, that over the default', () => {
  const settings = { intervalMs: 300, limits: { maxCount: 30, cooldownMs: 33 } }
  const env = { LEAKHUNT_INTERVAL_MS: '200', LEAKHUNT_MAX_COUNT: '20' }
  const { intervalMs, limits, complaints } = resolve({ intervalMs: 100 }, env, settings)
  assert.deepStrictEqual(complaints, [])
  assert.deepStrictEqual([intervalMs, limits.maxCount, limits.cooldownMs], [100, 20, 33])
  assert.strictEqual(limits.windowMs, OPTIONS['limits.windowMs'].default)
})

test('every option of the table can be set by its variable', () => {
  const text = { integer: '11', number: '11.5', boolean: 'on', path: '/srv/x', labels: 'a=1, b=x=y', command: '["cp"]' }
  for (const [name, { env, type, values, min = 0 }] of Object.entries(OPTIONS)) {
    if (!env) continue
    const { complaints } = resolve({}, { [`LEAKHUNT_${env}`]: min > 11 ? String(min) : (text[type] ?? values.at(-1)) })
    assert.deepStrictEqual(complaints, [], name)
  }
  assert.deepStrictEqual(resolve({}, { LEAKHUNT_LABELS: 'a=1, b=x=y' }).labels, { a: '1', b: 'x=y' })
  assert.strictEqual(resolve({}, { LEAKHUNT_MAX_TOTAL_BYTES: '3GiB' }).limits.maxTotalBytes, 3 * 2 ** 30)
})

test('words for yes and no', () => {
  for (const yes of ['1', 'true', 'yes', 'on', 'YES', ' On ']) assert.strictEqual(resolve({}, { LEAKHUNT_GROWTH: yes }).growth, true, yes)
  for (const no of ['0', 'false', 'no', 'off', 'No']) assert.strictEqual(resolve({}, { LEAKHUNT_GROWTH: no }).growth, false, no)
})

test('a mistake outside of code is one complaint that names the place, and counts as not given', () => {
  const { complaints, intervalMs, limits, growth } = resolve(
    {},
    { LEAKHUNT_INTERVAL_MS: 'soon', LEAKHUNT_GROWTH: 'maybe', LEAKHUNT_COLDOWN_MS: '1' },
    { limits: { maxCount: '9', cooldownMs: 5 }, intervall: 3 },
  )
  assert.strictEqual(complaints.length, 5, complaints.join('\n'))
  assert.ok(complaints.some((text) => /LEAKHUNT_INTERVAL_MS.*got 'soon'/.test(text)))
  assert.ok(complaints.some((text) => /LEAKHUNT_GROWTH.*got 'maybe'/.test(text)))
  assert.ok(complaints.some((text) => /LEAKHUNT_COLDOWN_MS.*did you mean 'LEAKHUNT_COOLDOWN_MS'/.test(text)))
  assert.ok(complaints.some((text) => /\/srv\/app\/package.json.*'limits.maxCount'.*got '9'/.test(text)))
  assert.ok(complaints.some((text) => /\/srv\/app\/package.json.*did you mean 'intervalMs'/.test(text)))
  assert.deepStrictEqual([intervalMs, limits.maxCount, limits.cooldownMs, growth], [1000, 5, 5, true])
})

test('a bare start() watches the heap and the cgroup at 85 per cent, and growth', () => {
  const { rules, growth } = resolveOptions({}, nothing)
  assert.deepStrictEqual(
    rules.map(({ metric, abovePercent, aboveBytes, samples }) => ({ metric, abovePercent, aboveBytes, samples })),
    ['heapUsed', 'rss'].map((metric) => ({ metric, abovePercent: 85, aboveBytes: null, samples: 3 })),
  )
  assert.strictEqual(growth, true)
})

test('thresholds are the short form of rules, and either of them replaces the default ones', () => {
  const held = { samples: 5, hysteresisPercent: 10, stepPercent: 10 }
  const { rules, growth } = resolve({ thresholds: { rssPercent: 90, samples: 5 }, rules: [{ metric: 'external', aboveBytes: 7, samples: 1 }] })
  assert.deepStrictEqual(rules, [
    { metric: 'rss', aboveBytes: null, abovePercent: 90, ...held },
    { metric: 'external', aboveBytes: 7, abovePercent: null, ...held, samples: 1 },
  ])
  assert.strictEqual(growth, false)
  assert.deepStrictEqual(resolve({ rules: [] }).rules, [])
  assert.strictEqual(resolve({ rules: [], growth: true }).growth, true)
})

test('a bare start() hunts, and one that has thresholds does when it is asked to', () => {
  const bounds = { patienceMs: 21_600_000, restMs: 3_600_000, deadlineMs: 600_000, maxMemoryBytes: undefined, known: undefined }
  assert.deepStrictEqual(resolve({}).hunt, bounds)
  assert.strictEqual(resolve({ rules: [] }).hunt, null)
  assert.strictEqual(resolve({ hunt: false }).hunt, null)
  assert.strictEqual(resolve({}, { LEAKHUNT_HUNT: 'off' }).hunt, null)
  assert.strictEqual(resolve({}, {}, { hunt: false }).hunt, null)
  assert.deepStrictEqual(resolve({ rules: [], hunt: true }).hunt, bounds)
  assert.deepStrictEqual(resolve({ rules: [] }, { LEAKHUNT_HUNT: '1', LEAKHUNT_HUNT_REST_MS: '5' }).hunt, { ...bounds, restMs: 5 })
  assert.strictEqual(resolve({ rules: [], hunt: { restMs: 5 } }).hunt, null, 'bounds alone switch nothing on')
  assert.deepStrictEqual(resolve({ rules: [] }, {}, { hunt: { enabled: true, restMs: 5 } }).hunt, { ...bounds, restMs: 5 })
})

test('where no plain Node can be started, the words say why', () => {
  const { command, environment, unavailable } = analystCommand('/app/known.json')
  assert.deepStrictEqual([command[0], command[2], environment.LEAKHUNT, unavailable], [process.execPath, '/app/known.json', '0', null])
  assert.match(analystCommand(null, '/gone/node').unavailable, /^\/gone\/node is no longer there; the snapshots can be compared by hand/)
  assert.match(analystCommand(null, process.execPath, '/bundle/analyst.js').unavailable, /^\/bundle\/analyst.js is not there, as in a bundle/)
})

test('two switches of the environment only tighten', () => {
  assert.strictEqual(resolve({ redact: false }, { LEAKHUNT_REDACT: '1' }).redact, true)
  assert.strictEqual(resolve({ redact: false }, { LEAKHUNT_REDACT: '1' }).redactAlways, true)
  assert.strictEqual(resolve({ redact: true }, { LEAKHUNT_REDACT: '0' }).redact, true)
  assert.strictEqual(resolve({}, { LEAKHUNT_REDACT: '0' }).redact, false)
  assert.strictEqual(resolve({}, {}, { redact: false }).redact, false)
  assert.deepStrictEqual([resolve({}).redact, resolve({}).redactAlways], [true, false])
  assert.strictEqual(resolve({}, { LEAKHUNT_NO_SNAPSHOTS: '1' }).noSnapshots, true)
  assert.strictEqual(resolve({}, { LEAKHUNT_NO_SNAPSHOTS: '0' }).noSnapshots, false)
})

test('a switch that the process was started with holds where code has deleted it, and in workers with an environment of their own', async () => {
  const ask = `const { resolveOptions, switchedOff } = require(${JSON.stringify(require.resolve('../../js/options/index.js'))})
    const told = { off: switchedOff(), noSnapshots: resolveOptions({}).noSnapshots }`
  const code = `const { Worker } = require('node:worker_threads')
    for (const name of ['LEAKHUNT', 'LEAKHUNT_NO_SNAPSHOTS']) delete process.env[name]
    ${ask}
    new Worker(${JSON.stringify(`${ask}; require('node:worker_threads').parentPort.postMessage(told)`)}, { eval: true, env: {} })
      .on('message', (there) => console.log(JSON.stringify({ here: told, there })))`
  const { here, there } = await answerOf(['-e', code], { env: { LEAKHUNT: '0', LEAKHUNT_NO_SNAPSHOTS: '1' } })
  assert.deepStrictEqual([here, there], Array(2).fill({ off: true, noSnapshots: true }))
})

test('a package.json that the program is not from starts no program', (t) => {
  const [home, elsewhere] = [freshDir(t), freshDir(t)]
  const file = path.join(home, 'package.json')
  fs.writeFileSync(file, JSON.stringify({ leakhunt: { intervalMs: 777, deliver: { command: ['sh', '-c', 'true'] } } }))
  const resolved = (program) => resolveOptions({}, { env: {}, manifest: () => readManifest(findManifest(program, home), program) })
  for (const program of [path.join(home, 'server.js'), path.join(home, 'node_modules', '.bin', 'tool'), path.join(home, '..odd', 'x.js')]) {
    const { deliver, complaints } = resolved(program)
    assert.deepStrictEqual([deliver?.command, complaints], [['sh', '-c', 'true'], []], program)
  }
  for (const program of [path.join(elsewhere, 'node_modules', 'tool', 'cli.js'), null, '-']) {
    const { deliver, intervalMs, complaints } = resolved(program)
    assert.deepStrictEqual([deliver, intervalMs, complaints.length], [null, 777, 1], program)
    assert.match(complaints[0], /'deliver'.*ignored$/)
  }
})

test('a package.json that everybody can write to is not read', (t) => {
  const dir = freshDir(t)
  const file = path.join(dir, 'package.json')
  fs.writeFileSync(file, '{}')
  assert.strictEqual(findManifest(path.join(dir, 'app.js'), '/'), file)
  fs.chmodSync(file, 0o666)
  assert.notStrictEqual(findManifest(path.join(dir, 'app.js'), '/'), file)
})

test('a relative dir is relative to where it was written', () => {
  assert.strictEqual(resolve({ dir: 'd' }).dir, path.resolve('d'))
  assert.strictEqual(resolve({}, { LEAKHUNT_DIR: 'd' }).dir, path.resolve('d'))
  assert.strictEqual(resolve({}, {}, { dir: 'd' }).dir, '/srv/app/d')
})

test('the default directory: --diagnostic-dir, else ./leakhunt, else the temporary one', async (t) => {
  const dir = freshDir(t)
  const tell = `console.log(JSON.stringify(require(${JSON.stringify(require.resolve('../../js/options/directory.js'))}).chooseDirectory()))`
  const chosen = async (args, options) => (await answerOf([...args, '-e', tell], options)).dir
  assert.strictEqual(await chosen([`--diagnostic-dir=${dir}/d`], { cwd: dir }), `${dir}/d`)
  assert.strictEqual(await chosen([], { cwd: dir, env: { NODE_OPTIONS: `--diagnostic-dir=${dir}/e` } }), `${dir}/e`)
  assert.strictEqual(await chosen([], { cwd: dir }), `${dir}/leakhunt`)
  assert.strictEqual(await chosen([], { cwd: '/proc', env: { TMPDIR: dir } }), dir)
})

test('Node options are found on the command line and in NODE_OPTIONS', () => {
  assert.strictEqual(nodeOption('--v8-pool-size', ['--v8-pool-size=2'], ''), '2')
  assert.strictEqual(nodeOption('--v8-pool-size', ['--v8-pool-size', '3'], '--v8-pool-size=2'), '3')
  assert.strictEqual(nodeOption('--v8-pool-size', [], '--no-warnings "--v8-pool-size=6"'), '6')
  assert.strictEqual(nodeOption('--v8-pool-size', [], ''), null)
})

test('a directory that cannot be written is told, and asking for it never hangs', (t) => {
  const file = path.join(freshDir(t), 'file')
  fs.writeFileSync(file, '')
  assert.match(chooseDirectory('/proc/leakhunt').error.message, /ENOENT|EACCES|EPERM/)
  assert.match(chooseDirectory(file).error.message, /not a directory/)
})

test('the preload reads package.json, and its mistakes are one warning each', async (t) => {
  const dir = freshDir(t)
  const settings = { labels: { from: 'package.json' }, dir: 'dumps', limits: { maxCount: 'x' } }
  fs.writeFileSync(path.join(dir, 'package.json'), JSON.stringify({ leakhunt: settings }))
  fs.writeFileSync(
    path.join(dir, 'app.js'),
    `const hunt = require(${JSON.stringify(require.resolve('../../js/index.js'))}).start()
     hunt.snapshot().then((details) => {
       hunt.stop()
       console.log(JSON.stringify(details))
     })`,
  )
  const { path: file, sidecar, stderr } = await answerOf(['--require', REGISTER, 'app.js'], { cwd: dir })
  assert.strictEqual(path.dirname(file), path.join(dir, 'dumps'))
  assert.deepStrictEqual(JSON.parse(fs.readFileSync(sidecar, 'utf8')).labels, { from: 'package.json' })
  assert.strictEqual(stderr.match(/ERR_LEAKHUNT_INVALID_OPTION/g)?.length, 1, stderr)
  assert.ok(stderr.includes(path.join(dir, 'package.json')) && stderr.includes("'limits.maxCount'"), stderr)
})
