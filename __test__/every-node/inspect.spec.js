'use strict'
// `leakhunt inspect` on a snapshot of the running Node's own making: as lines of JSON, by -c, in code, and at its prompt.
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { before, after, describe, test } = require('node:test')
const leakhunt = require('../../js/index.js')
const { CLI, answerOf, freshDir, program, run, show, start, until } = require('../program.js')

const SCRIPT = ['/usr/bin/script', '/bin/script'].find((file) => fs.existsSync(file))
const WIDTH = 80

describe('an open snapshot', () => {
  let file
  let clean
  before(async () => {
    // The directory outlives the test that makes it: the others read the file.
    const hooks = []
    const dir = freshDir({ after: (hook) => hooks.push(hook) })
    clean = () => hooks.forEach((hook) => hook())
    ;({ file } = await answerOf([program('inspected.js'), dir]))
  })
  after(() => clean())

  /** Answers to lines on stdin, one document each. */
  async function ask(...lines) {
    const input = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
    const result = await run([CLI, 'inspect', file, '--json'], { input })
    assert.strictEqual(result.code, 0, show(result))
    assert.strictEqual(result.stderr, '', show(result))
    return result.stdout.split('\n').slice(0, -1).map((line) => JSON.parse(line))
  }

  test('each line has one answer, and a bad one does not end it', async () => {
    const long = `classes ${'x'.repeat(1 << 21)}`
    const answers = await ask('classes plantedsess', '', 'clases', '{"question": "summary", "tag": [1]}', '{"question":', '{"question":"show","object":5.5,"tag":2}', 'show @999999999', long, 'help show', 'quit', 'summary')
    assert.strictEqual(answers.length, 8, JSON.stringify(answers))
    const [classes, unknown, summary, noJson, noObject, nobody, tooLong, help] = answers
    const [row] = classes.rows
    assert.deepStrictEqual([classes.total, row.class, row.count], [1, 'PlantedSession', 30])
    assert.ok(row.retainedBytes > row.shallowBytes && row.shallowBytes > 0)
    assert.match(unknown.error.message, /did you mean 'classes'/)
    assert.deepStrictEqual(summary.tag, [1])
    assert.ok(summary.snapshot.nodes > 10_000 && summary.classes > 100)
    assert.strictEqual(noJson.error.code, 'ERR_LEAKHUNT_USAGE')
    assert.deepStrictEqual([noObject.tag, noObject.error.code], [2, 'ERR_LEAKHUNT_QUESTION'])
    assert.strictEqual(nobody.error.code, 'ERR_LEAKHUNT_NO_MATCH')
    assert.match(tooLong.error.message, /longer than/)
    assert.match(help.text, /show @ID/)
  })

  test('a list goes on where it ended', async () => {
    const [first, second, all, end] = await ask('instances PlantedSession --limit 20', 'more', 'instances PlantedSession --limit 30', 'more')
    const ids = ({ rows }) => rows.map(({ id }) => id)
    assert.deepStrictEqual([first.total, second.offset, ids(second).length], [30, 20, 10])
    assert.deepStrictEqual([...ids(first), ...ids(second)], ids(all))
    assert.match(end.error.message, /nothing more/)
  })

  test('what was planted is found, from the class to the root', async () => {
    const inspection = await leakhunt.inspect(file)
    const shapes = await inspection.ask({ question: 'shapes', filter: 'plantedFirst' })
    assert.strictEqual(shapes.rows[0].shape, '{plantedFirst, plantedSecond}')
    // V8 may keep one more of its own, from which it copies what a literal makes.
    assert.ok([30, 31].includes(shapes.rows[0].count), `${shapes.rows[0].count}`)
    const strings = await inspection.ask({ question: 'strings', duplicates: true, filter: 'planted copy of one' })
    // The source's own is there as long as V8 keeps the code.
    const copies = strings.rows.find(({ text }) => text === 'planted copy of one text').count
    assert.ok([100, 101].includes(copies), `${copies}`)

    const functions = await inspection.ask({ question: 'instances', class: 'Function', filter: 'plantedTick' })
    const tick = await inspection.ask({ question: 'show', object: functions.rows[0].id })
    const [session] = tick.scopes[0].variables.rows
    assert.deepStrictEqual([session.edge, session.object.class], ['session', 'PlantedSession'])
    assert.strictEqual(path.basename(tick.location.script), 'inspected.js')

    const shown = await inspection.ask({ question: 'show', object: session.object.id })
    const token = shown.fields.rows.find(({ edge }) => edge === 'token')
    assert.strictEqual(token.object.name, 'planted-token-7')
    const holders = await inspection.ask({ question: 'holders', object: session.object.id })
    assert.ok(holders.rows.some(({ edge, edgeType }) => edge === 'session' && edgeType === 'context'))
    const { ways } = await inspection.ask({ question: 'path', object: session.object.id, ways: 5 })
    assert.ok(ways.length >= 2 && ways.every((way) => way.length > 0), JSON.stringify(ways))
    assert.ok(ways.some((way) => way.some(({ edge }) => edge === 'sessions')) && ways.some((way) => way[0].edge === 'session'))
    const children = await inspection.ask({ question: 'children', object: session.object.id })
    assert.ok(children.rows.some(({ name }) => name === '{plantedFirst, plantedSecond}'))
    const held = await inspection.ask({ question: 'retainers', of: 'PlantedSession' })
    assert.strictEqual(held.count, 30)

    inspection.close()
    await assert.rejects(inspection.ask({ question: 'summary' }), { code: 'ERR_LEAKHUNT_CLOSED' })
  })

  test('a context is detached when only a function of it is left', async () => {
    const [{ contexts }] = await ask('detached')
    const left = contexts.rows.filter(({ detached }) => detached)
    assert.strictEqual(left.length, 1, JSON.stringify(contexts))
    assert.strictEqual(left[0].knownAs.name, '{plantedSandbox, <symbol node:contextify:context>, <symbol node:host_defined_option_symbol>}'.slice(0, left[0].knownAs.name.length - 1) + '}')
    assert.match(left[0].heldBy.class, /plantedLeft|Object|Context/)
    assert.ok(contexts.rows.length >= 3)
  })

  test('many questions at once, each answered; an aborted one is rejected with its reason', async () => {
    const inspection = await leakhunt.inspect(file)
    const questions = ['summary', 'classes', 'shapes', 'strings', 'detached', 'children'].map((question) => inspection.ask({ question }))
    assert.deepStrictEqual((await Promise.all(questions)).map(({ question }) => question), ['summary', 'classes', 'shapes', 'strings', 'detached', 'children'])
    const reason = new Error('enough')
    await assert.rejects(inspection.ask({ question: 'summary' }, { signal: AbortSignal.abort(reason) }), reason)
    await assert.rejects(inspection.ask('classes'), { code: 'ERR_LEAKHUNT_INVALID_OPTION' })
    await assert.rejects(leakhunt.inspect(path.join(file, 'no')), { code: 'ERR_LEAKHUNT_SNAPSHOT_UNREADABLE' })
    await assert.rejects(leakhunt.inspect(file, { signal: AbortSignal.abort(reason) }), reason)
  })

  test('-c answers and ends; exit code 2 where one has no answer', async () => {
    const good = await run([CLI, 'inspect', file, '-c', 'classes PlantedSession', '-c', 'strings evil'])
    assert.strictEqual(good.code, 0, show(good))
    assert.match(good.stdout, /^> classes PlantedSession\nclass .*count +shallow +retained\nPlantedSession +30 /)
    assert.match(good.stdout, /planted \\u\{1b\}\]0;owned/)
    // eslint-disable-next-line no-control-regex
    assert.ok(!/[\x00-\x09\x0b-\x1f\x7f\u202e]/.test(good.stdout), 'a name from the heap reached the terminal')
    const json = await run([CLI, 'inspect', file, '--json', '-c', 'show @1', '-c', 'nothing', '-c', 'summary'])
    assert.strictEqual(json.code, 2, show(json))
    assert.deepStrictEqual(json.stdout.trim().split('\n').map((line) => JSON.parse(line).question), ['show', undefined, 'summary'])
    const missing = await run([CLI, 'inspect', `${file}.no`, '-c', 'summary'])
    assert.deepStrictEqual([missing.code, missing.stdout], [2, ''], show(missing))
    const piped = await run([CLI, 'inspect', file], { input: 'nonsense\nclasses PlantedSession\n' })
    assert.strictEqual(piped.code, 2, show(piped))
    assert.match(piped.stderr, /unknown command 'nonsense'/)
    assert.match(piped.stdout, /PlantedSession +30 /)
  })

  test('a prompt completes, pages, survives Ctrl-C and keeps within the terminal', { skip: !SCRIPT && 'there is no script(1) to make a terminal' }, async (t) => {
    const command = `stty cols ${WIDTH} rows 20; exec '${process.execPath}' '${CLI}' inspect '${file}'`
    const { child, ended, stdoutSoFar } = start(['-qec', command, '/dev/null'], { command: SCRIPT, env: { NO_COLOR: '1', TERM: 'xterm' }, openInput: true })
    t.after(() => child.kill('SIGKILL'))
    let seen = 0
    /** Types, and waits for what must come of it. */
    async function type(keys, expected) {
      seen = stdoutSoFar().length
      child.stdin.write(keys)
      await until(() => expected.test(stdoutSoFar().slice(seen)), () => `${expected} after ${JSON.stringify(keys)} in ${JSON.stringify(stdoutSoFar())}`)
    }
    await until(() => /inspect> /.test(stdoutSoFar()), () => `a prompt in ${stdoutSoFar()}`)
    await type('instances PlantedSes\t', /PlantedSession/)
    await type('\n', /30 objects of PlantedSession[^]*… 18 more[^]*inspect> /)
    await type('more\n', /… 6 more[^]*inspect> /)
    await type('sho\t', /show /)
    await type('\x03', /inspect> /)
    await type('\x03', /Ctrl-D[^]*inspect> /)
    await type('nonsense\n', /unknown command 'nonsense'[^]*inspect> /)
    await type('classes PlantedSession\n', /PlantedSession +30 [^]*inspect> /)
    child.stdin.write('quit\n')
    const { code, stdout } = await ended
    assert.strictEqual(code, 0, stdout)
    // eslint-disable-next-line no-control-regex
    const lines = stdout.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '').split(/\r?\n|\r/)
    for (const line of lines) if (!line.includes(path.basename(file))) assert.ok(line.length <= WIDTH, `${line.length} columns: ${line}`)
  })
})
