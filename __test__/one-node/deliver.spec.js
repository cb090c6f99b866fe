'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { freshDir } = require('../program.js')
const { CALM, hunting, journalOf, until } = require('../hunting.js')
const { runs } = require('../processes.js')

const delivered = (dir) => journalOf(dir).filter(({ kind }) => kind === 'delivered')
const whenDelivered = (dir, count = 1) => until(() => delivered(dir).length === count, () => `delivery: ${JSON.stringify(journalOf(dir))}`)
const copy = (to) => ['cp', '-t', to]

test('a command takes the snapshot and its sidecar away, and the files stay', async (t) => {
  const [dir, to] = [freshDir(t), freshDir(t)]
  const app = hunting(t, { ...CALM, dir, deliver: { command: copy(to) } })
  const { path: file, sidecar } = await app.snapshot()
  await whenDelivered(dir)
  assert.deepStrictEqual(fs.readdirSync(to).toSorted(), [file, sidecar].map((each) => path.basename(each)).toSorted())
  assert.ok(fs.readFileSync(file).equals(fs.readFileSync(path.join(to, path.basename(file)))))
  assert.deepStrictEqual([delivered(dir)[0].file, delivered(dir)[0].attempts], [path.basename(file), 1])
  await app.snapshot()
  await whenDelivered(dir, 2)
})

test('the environment configures it, and is what the command gets', async (t) => {
  const [dir, to] = [freshDir(t), freshDir(t)]
  const script = 'echo "$GIVEN $LEAKHUNT" > "$1/said" && cp "$LEAKHUNT_SNAPSHOT" "$LEAKHUNT_SIDECAR" "$1"'
  const app = hunting(t, { ...CALM, dir }, { env: { GIVEN: 'x', LEAKHUNT_DELIVER: JSON.stringify(['sh', '-c', script, 'sh', to]) } })
  await app.snapshot()
  await whenDelivered(dir)
  assert.strictEqual(fs.readFileSync(path.join(to, 'said'), 'utf8'), 'x 0\n')
  assert.strictEqual(fs.readdirSync(to).length, 3)
  assert.strictEqual(app.stderr(), '')
})

test('a command that fails is tried again; after the last time it is an error, and the next start tries once more', async (t) => {
  const [dir, to] = [freshDir(t), freshDir(t)]
  const script = 'echo try >> "$0/tries"; test -e "$0/ready" || { echo no such bucket >&2; exit 3; }'
  const deliver = { command: ['sh', '-c', script, to], attempts: 2 }
  const tries = () => fs.readFileSync(path.join(to, 'tries'), 'utf8').split('\n').length - 1
  const app = hunting(t, { ...CALM, dir, deliver })
  const { path: file } = await app.snapshot()
  const { code, message } = await app.next('error')
  assert.strictEqual(code, 'ERR_LEAKHUNT_DELIVERY_FAILED')
  assert.match(message, /2 attempts: it ended with code 3, and said: no such bucket/)
  assert.ok(message.includes(file))
  assert.strictEqual(tries(), 2)
  assert.ok(fs.existsSync(file))
  app.kill('SIGKILL')

  fs.writeFileSync(path.join(to, 'ready'), '')
  const next = hunting(t, { ...CALM, dir, deliver })
  await whenDelivered(dir)
  assert.strictEqual(tries(), 3)
  assert.deepStrictEqual(next.events.filter(({ type }) => type === 'error'), [])
})

test('a command that hangs is ended at its time, with those it has started', async (t) => {
  const [dir, to] = [freshDir(t), freshDir(t)]
  const script = 'sleep 1000 & echo $! > "$0/pid.new"; mv "$0/pid.new" "$0/pid"; wait'
  const app = hunting(t, { ...CALM, dir, deliver: { command: ['sh', '-c', script, to], attempts: 1, timeoutMs: 500 } })
  await app.snapshot()
  const { message } = await app.next('error')
  assert.match(message, /still running after 500 ms/)
  const pid = Number(fs.readFileSync(path.join(to, 'pid'), 'utf8'))
  await until(() => !runs(pid), 'the end of the inner process')
})

test('stop() ends a command under way, and a delivery keeps no process alive', async (t) => {
  for (const how of ['stop', 'leave']) {
    const [dir, to] = [freshDir(t), freshDir(t)]
    const script = 'echo $$ > "$0/pid.new"; mv "$0/pid.new" "$0/pid"; exec sleep 1000'
    const app = hunting(t, { ...CALM, dir, deliver: { command: ['sh', '-c', script, to] } })
    await app.snapshot()
    await until(() => fs.existsSync(path.join(to, 'pid')), 'the command to run')
    const pid = Number(fs.readFileSync(path.join(to, 'pid'), 'utf8'))
    if (how === 'stop') app.say('stop')
    else assert.deepStrictEqual((await app.leave()).code, 0)
    await until(() => !fs.existsSync(`/proc/${pid}`), `no process and no zombie after ${how}`)
    assert.deepStrictEqual(delivered(dir), [])
  }
})

test('a program that is not there is an error in words', async (t) => {
  const dir = freshDir(t)
  const app = hunting(t, { ...CALM, dir, deliver: { command: ['no-such-program'], attempts: 1 } })
  await app.snapshot()
  assert.match((await app.next('error')).message, /there is no program no-such-program/)
})

test('a function gets both paths, and is called again when it fails', async (t) => {
  const dir = freshDir(t)
  const app = hunting(t, { ...CALM, dir }, { deliver: 'fails_once' })
  const { path: file, sidecar } = await app.snapshot()
  await whenDelivered(dir)
  const handed = app.events.filter(({ type }) => type === 'handed')
  assert.deepStrictEqual(handed, [1, 2].map((attempt) => ({ type: 'handed', path: file, sidecar, attempt })))
  assert.strictEqual(delivered(dir)[0].attempts, 2)
})

test('a function that throws or hangs is an error with its reason, and the next start tries again', async (t) => {
  const dir = freshDir(t)
  const throws = hunting(t, { ...CALM, dir, deliver: { attempts: 1 } }, { deliver: 'fails' })
  const { path: file } = await throws.snapshot()
  assert.match((await throws.next('error')).message, /no such bucket/)
  throws.kill('SIGKILL')
  const hangs = hunting(t, { ...CALM, dir, deliver: { attempts: 1, timeoutMs: 200 } }, { deliver: 'hangs' })
  assert.strictEqual((await hangs.next('handed')).path, file)
  assert.match((await hangs.next('error')).message, /had not settled after 200 ms/)
  assert.strictEqual((await hangs.next('aborted')).code, 'ERR_LEAKHUNT_DELIVERY_TIMEOUT')
  hangs.kill('SIGKILL')
  const stops = hunting(t, { ...CALM, dir }, { deliver: 'hangs' })
  await stops.next('handed')
  stops.say('stop')
  assert.strictEqual((await stops.next('aborted')).code, 'ERR_LEAKHUNT_STOPPED')
})
