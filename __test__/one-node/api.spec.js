'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { ROOT, REGISTER, answerOf, freshDir, run, show } = require('../program.js')

const PROGRAM = path.join(__dirname, '..', 'program.js')
const INDEX = path.join(ROOT, 'js', 'index.js')

/** Runs a script that ends with one JSON document; `leakhunt` and `dir` are there. */
const script = (t, body, options) => {
  const dir = freshDir(t)
  const text = `const leakhunt = require(${JSON.stringify(INDEX)}), dir = ${JSON.stringify(dir)};
    const tell = (value) => console.log(JSON.stringify(value));
    (async () => { ${body} })()`
  return answerOf(['-e', text], { ...options, env: { LEAKHUNT_DIR: dir, ...options?.env } })
}

test('require and import give the same functions', async (t) => {
  const dir = freshDir(t)
  const file = path.join(dir, 'app.mjs')
  fs.mkdirSync(path.join(dir, 'node_modules'))
  fs.symlinkSync(ROOT, path.join(dir, 'node_modules', 'leakhunt'))
  fs.writeFileSync(
    file,
    `import leakhunt, { start, heapStats, capabilities, analyze, VERSION } from 'leakhunt'
     import { createRequire } from 'node:module'
     const required = createRequire(import.meta.url)('leakhunt')
     const { version } = createRequire(import.meta.url)('leakhunt/package.json')
     console.log(JSON.stringify({ same: leakhunt === required && start === required.start && analyze === required.analyze,
       names: [typeof start, typeof heapStats, typeof capabilities, typeof analyze], version: VERSION === version }))`,
  )
  const { same, names, version } = await answerOf([file], { cwd: dir })
  assert.ok(same && version)
  assert.deepStrictEqual(names, Array(4).fill('function'))
})

test('the preload works by --require and by --import, by name', async (t) => {
  const dir = freshDir(t)
  fs.mkdirSync(path.join(dir, 'node_modules'))
  fs.symlinkSync(ROOT, path.join(dir, 'node_modules', 'leakhunt'))
  for (const how of ['--require', '--import']) {
    const text = 'console.log(JSON.stringify({ active: require("leakhunt").start().active }))'
    const { active, stderr } = await answerOf([how, 'leakhunt/register', '-e', text], { cwd: dir })
    assert.deepStrictEqual([active, stderr], [true, ''])
  }
})

test('requiring it has no side effects: no addon is loaded, no thread started, nothing written', async (t) => {
  const dir = freshDir(t)
  const text = `require(${JSON.stringify(INDEX)})
    console.log(JSON.stringify({ addons: Object.keys(require.cache).filter((file) => file.endsWith('.node')), resources: process.getActiveResourcesInfo() }))`
  const { addons } = await answerOf(['-e', text], { cwd: dir })
  assert.deepStrictEqual(addons, [])
  assert.deepStrictEqual(fs.readdirSync(dir), [])
})

test('start() is idempotent; options of a second call are one warning; after stop() it starts anew', async (t) => {
  const { same, anew, stderr } = await script(
    t,
    `const first = leakhunt.start({ dir })
     const same = leakhunt.start() === first && leakhunt.start({ intervalMs: 50 }) === first && leakhunt.start({ intervalMs: 60 }) === first
     first.stop()
     first.stop()
     const second = leakhunt.start({ dir })
     second[Symbol.dispose ?? Symbol.for('Symbol.dispose')]()
     tell({ same, anew: second !== first && !second.active })`,
  )
  assert.ok(same && anew)
  assert.strictEqual(stderr.match(/ERR_LEAKHUNT_ALREADY_STARTED/g)?.length, 1, stderr)
})

test('LEAKHUNT=0 does nothing at all, not even with wrong options', async (t) => {
  const { active, code, addons, files, stderr } = await script(
    t,
    `const hunt = leakhunt.start({ intervalMs: -1 })
     const { code } = await hunt.snapshot().catch((error) => error)
     hunt.stop()
     tell({ active: hunt.active, code, addons: Object.keys(require.cache).filter((file) => file.endsWith('.node')), files: require('node:fs').readdirSync(dir) })`,
    { env: { LEAKHUNT: '0' } },
  )
  assert.deepStrictEqual([active, code, addons, files, stderr], [false, 'ERR_LEAKHUNT_DISABLED', [], [], ''])
})

test('snapshots can be switched off: no file is written', async (t) => {
  const body = (options) =>
    `const hunt = leakhunt.start(${options})
     const skipped = []
     hunt.on('skipped', (event) => skipped.push(event.code))
     const { code, message } = await hunt.snapshot().catch((error) => error)
     hunt.stop()
     tell({ code, message, skipped, files: require('node:fs').readdirSync(dir) })`
  const cases = [
    ['{}', { LEAKHUNT_NO_SNAPSHOTS: '1' }, 'ERR_LEAKHUNT_CAPTURE_OFF'],
    ["{ capture: { mode: 'off' } }", {}, 'ERR_LEAKHUNT_CAPTURE_OFF'],
  ]
  for (const [options, env, expected] of cases) {
    const { code, message, files } = await script(t, body(options), { env })
    assert.strictEqual(code, expected, `${options} ${JSON.stringify(env)}: ${message}`)
    assert.deepStrictEqual(files, [])
  }
})

test('snapshots are redacted unless the call, the options or the environment say otherwise; LEAKHUNT_REDACT=1 wins', async (t) => {
  const cases = [
    // start(), snapshot(), environment, what comes of it
    ['{}', '{}', {}, true],
    ['{ redact: false }', '{}', {}, false],
    ['{}', '{ redact: false }', {}, false],
    ['{ redact: false }', '{ redact: true }', {}, true],
    ['{}', '{}', { LEAKHUNT_REDACT: '0' }, false],
    ['{ redact: true }', '{}', { LEAKHUNT_REDACT: '0' }, true],
    ['{ redact: false }', '{ redact: false }', { LEAKHUNT_REDACT: '1' }, true],
  ]
  for (const [options, request, env, expected] of cases) {
    const { redacted, recorded } = await script(
      t,
      `const hunt = leakhunt.start({ rules: [], growth: false, capture: { nice: 0 }, ...${options} })
       const { redacted, sidecar } = await hunt.snapshot(${request})
       hunt.stop()
       tell({ redacted, recorded: JSON.parse(require('node:fs').readFileSync(sidecar, 'utf8')).redacted })`,
      { env },
    )
    assert.deepStrictEqual([redacted, recorded], [expected, expected], `${options} ${request} ${JSON.stringify(env)}`)
  }
})

test('nor does it help to take LEAKHUNT_REDACT=1 out of the environment', async (t) => {
  const start = `const leakhunt = require(${JSON.stringify(INDEX)})
    const hunt = leakhunt.start({ redact: false, rules: [], growth: false, capture: { nice: 0 } })
    hunt.snapshot({ redact: false }).then(({ redacted }) => {
      hunt.stop()
      done(redacted)
    })`
  const { here, there } = await script(
    t,
    `const { Worker } = require('node:worker_threads')
     delete process.env.LEAKHUNT_REDACT
     const here = await new Promise((done) => { ${start} })
     const body = ${JSON.stringify(`const done = (redacted) => require('node:worker_threads').parentPort.postMessage(redacted); ${start}`)}
     const there = await new Promise((done, fail) => new Worker(body, { eval: true, env: { LEAKHUNT_DIR: dir } }).on('message', done).on('error', fail))
     tell({ here, there })`,
    { env: { LEAKHUNT_REDACT: '1' } },
  )
  assert.deepStrictEqual([here, there], [true, true])
})

test('an automatic snapshot is redacted as well', async (t) => {
  const { id, redacted } = await script(
    t,
    `const hunt = leakhunt.start({ intervalMs: 20, thresholds: { heapUsedBytes: 1, samples: 1 }, capture: { nice: 0 } })
     const timer = setInterval(() => {}, 1000)
     const event = await new Promise((resolve) => hunt.once('snapshot', resolve).once('skipped', resolve))
     clearInterval(timer)
     hunt.stop()
     tell(event)`,
  )
  assert.deepStrictEqual([id, redacted], [null, true])
})

test('what cannot be redacted is not written: a code, and no file', async (t) => {
  const { code, message, files } = await script(
    t,
    `// The in-process way takes whatever V8 writes; this V8 writes what nobody knows.
     require('node:v8').writeHeapSnapshot = (file) => require('node:fs').writeFileSync(file, '{"snapshot": {}, "secrets": ["hunter2"]}')
     const hunt = leakhunt.start({ rules: [], growth: false, capture: { mode: 'inline' } })
     const { code, message } = await hunt.snapshot().catch((error) => error)
     hunt.stop()
     tell({ code, message, files: require(${JSON.stringify(PROGRAM)}).filesIn(dir) })`,
  )
  assert.strictEqual(code, 'ERR_LEAKHUNT_REDACTION_FAILED', message)
  assert.ok(!message.includes('hunter2'), message)
  assert.deepStrictEqual(files, [])
})

test('an unwritable directory is an event and a word, and the app goes on', async (t) => {
  const body = (listen) =>
    `const hunt = leakhunt.start({ dir: '/proc/leakhunt' })
     const errors = []
     ${listen}
     await new Promise((resolve) => setImmediate(resolve))
     const { code } = await hunt.snapshot().catch((error) => error)
     hunt.stop()
     tell({ errors, code })`
  const heard = await script(t, body("hunt.on('error', ({ code, message }) => errors.push({ code, message }))"))
  assert.strictEqual(heard.errors.length, 1)
  assert.strictEqual(heard.errors[0].code, 'ERR_LEAKHUNT_DIR_UNWRITABLE')
  assert.match(heard.errors[0].message, /\/proc\/leakhunt/)
  assert.strictEqual(heard.code, 'ERR_LEAKHUNT_DIR_UNWRITABLE')
  assert.strictEqual(heard.stderr, '')

  const unheard = await script(t, body(''))
  assert.strictEqual(unheard.stderr.match(/ERR_LEAKHUNT_DIR_UNWRITABLE/g)?.length, 1, unheard.stderr)
})

test('events are mirrored on diagnostics channels, gc among them as soon as somebody subscribes', async (t) => {
  const { samples, gcs, snapshot } = await script(
    t,
    `const { subscribe } = require('node:diagnostics_channel')
     const seen = { samples: 0, gcs: 0 }
     const hunt = leakhunt.start({ intervalMs: 20, rules: [], growth: false })
     const timer = setInterval(() => Array.from({ length: 1e5 }, (_, i) => ({ i })), 10)
     subscribe('leakhunt:sample', () => seen.samples++)
     const gc = new Promise((resolve) => subscribe('leakhunt:gc', (event) => { seen.gcs++; resolve(event) }))
     const snapshot = new Promise((resolve) => subscribe('leakhunt:snapshot', resolve))
     const { kind } = await gc
     await hunt.snapshot({ reason: 'channel' })
     const { reason } = await snapshot
     clearInterval(timer)
     hunt.stop()
     tell({ ...seen, kind, snapshot: reason })`,
  )
  assert.ok(samples > 0 && gcs > 0)
  assert.strictEqual(snapshot, 'channel')
})

test('a listener that throws is uncaught as anywhere else, and the other events still arrive', async (t) => {
  const { caught, after } = await script(
    t,
    `const hunt = leakhunt.start({ intervalMs: 20, rules: [], growth: false })
     const caught = []
     process.on('uncaughtException', ({ message }) => caught.push(message))
     const timer = setInterval(() => {}, 1000)
     hunt.once('sample', () => { throw new Error('mine') })
     await new Promise((resolve) => hunt.prependOnceListener('sample', resolve))
     await new Promise((resolve) => hunt.once('sample', resolve))
     clearInterval(timer)
     hunt.stop()
     tell({ caught, after: true })`,
  )
  assert.deepStrictEqual(caught, ['mine'])
  assert.ok(after)
})

test('a missing addon is one warning; the app runs, and what needs the addon says so', async (t) => {
  const dir = freshDir(t)
  fs.cpSync(path.join(ROOT, 'js'), path.join(dir, 'js'), { recursive: true, filter: (file) => !file.endsWith('.node') })
  fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(dir, 'package.json'))
  const text = `const leakhunt = require('./js/index.js')
    const hunt = leakhunt.start()
    const codes = []
    for (const call of [leakhunt.heapStats, leakhunt.capabilities]) try { call() } catch ({ code }) { codes.push(code) }
    Promise.allSettled([hunt.snapshot(), leakhunt.analyze(['x'])]).then((results) =>
      console.log(JSON.stringify({ active: hunt.active, codes: [...codes, ...results.map(({ reason }) => reason.code)] })))`
  const { active, codes, stderr } = await answerOf(['--require', './js/register.js', '-e', text], { cwd: dir })
  assert.strictEqual(active, false)
  assert.deepStrictEqual(codes, Array(4).fill('ERR_LEAKHUNT_ADDON'))
  assert.strictEqual(stderr.match(/ERR_LEAKHUNT_ADDON/g)?.length, 1, stderr)
})

test('wrong arguments of snapshot() and analyze() are rejections with a code', async (t) => {
  const { codes } = await script(
    t,
    `const hunt = leakhunt.start()
     const calls = [hunt.snapshot({ reasn: 'x' }), hunt.snapshot({ reason: 5 }), hunt.snapshot({ redact: 1 }), leakhunt.analyze([]), leakhunt.analyze('a'),
       leakhunt.analyze(['a'], { signal: {} }), leakhunt.analyze(['a'], { onprogress() {} })]
     const codes = (await Promise.allSettled(calls)).map(({ reason }) => reason.code)
     hunt.stop()
     tell({ codes })`,
  )
  const [unknown, invalid] = ['ERR_LEAKHUNT_UNKNOWN_OPTION', 'ERR_LEAKHUNT_INVALID_OPTION']
  assert.deepStrictEqual(codes, [unknown, invalid, invalid, invalid, invalid, invalid, unknown])
})

test('LEAKHUNT settings with nothing wrong say nothing', async (t) => {
  const result = await run(['--require', REGISTER, '-e', '0'], { env: { LEAKHUNT_DIR: freshDir(t), LEAKHUNT_INTERVAL_MS: '100', LEAKHUNT: '1' } })
  assert.deepStrictEqual([result.code, result.stderr], [0, ''], show(result))
})

test('an automatic snapshot that is refused again and again is one warning, and none where somebody listens or has wished it so', async (t) => {
  const often = { LEAKHUNT_INTERVAL_MS: '20', LEAKHUNT_RSS_BYTES: '1', LEAKHUNT_SAMPLES: '1', LEAKHUNT_STEP_PERCENT: '0', LEAKHUNT_COOLDOWN_MS: '0' }
  const tooLittle = { ...often, LEAKHUNT_CAPTURE_MAX_MEMORY_BYTES: '1MiB' }
  const cases = [
    ['', tooLittle, 1],
    ["hunt.on('skipped', () => {})", tooLittle, 0],
    ["require('node:diagnostics_channel').subscribe('leakhunt:skipped', () => {})", tooLittle, 0],
    ['', { ...often, LEAKHUNT_NO_SNAPSHOTS: '1' }, 0],
  ]
  for (const [listen, env, expected] of cases) {
    // The process grows all the while, so that the threshold is crossed anew.
    const { codes, stderr } = await script(
      t,
      `const hunt = leakhunt.start(), emit = hunt.emit, codes = [], held = []
       const grow = setInterval(() => held.push(Buffer.alloc(65536, 1)), 5)
       ${listen}
       await new Promise((resolve) => {
         hunt.emit = (type, details) => {
           if (type === 'skipped' && codes.length < 3 && codes.push(details.code) === 3) resolve()
           return emit.call(hunt, type, details)
         }
       })
       clearInterval(grow)
       hunt.stop()
       tell({ codes })`,
      { env },
    )
    const refused = env === tooLittle ? 'ERR_LEAKHUNT_NO_ROOM' : 'ERR_LEAKHUNT_CAPTURE_OFF'
    assert.deepStrictEqual(codes, [refused, refused, refused])
    const warnings = stderr.match(/LeakhuntWarning: no snapshot \(threshold\): the capture child .* capture\.maxMemoryBytes/g) ?? []
    assert.strictEqual(warnings.length, expected, `${listen} ${JSON.stringify(env)}\n${stderr}`)
    if (expected === 0) assert.strictEqual(stderr, '')
  }
})
