'use strict'
// Starts a program of the kind of programs/app.js, talks with it, and looks at what a capture leaves of it.
const assert = require('node:assert')
const path = require('node:path')
const { spawn } = require('node:child_process')
const { leftovers } = require('./leftovers.js')
const { ROOT, program, until } = require('./program.js')
const { captureChildrenOf, childrenOf, holdings, send } = require('./processes.js')

/** Captures when it is asked to, and nothing else. */
const CALM = { intervalMs: 100, rules: [], growth: false, control: false, limits: { minFreeDiskBytes: 0 }, capture: { nice: 0 } }

/** leakhunt's threads that come and go. */
const PASSING = ['leakhunt-captur', 'leakhunt-tidy']

const settledHoldings = (pid) =>
  until(() => {
    const now = holdings(pid)
    return !now.threads.some((name) => PASSING.includes(name)) && now
  }, 'the start to be over')

/**
 * Starts one, and resolves when it is ready. It is killed, with its capture child, when the test is over. `within` is a command that runs another command in
 * its own place, as `prlimit` does. With `options: null` the app does without leakhunt. `whenUp` is awaited before its state is taken for the one to come back to.
 */
async function startApp(t, { name = 'app.js', options = {}, dir, count = 1000, within = [], env = {}, node = [], detached = false, whenUp = () => {} }) {
  const orders = JSON.stringify({ options: options && { ...CALM, dir, ...options }, count })
  const [command, ...args] = [...within, process.execPath, ...node, program(name), orders]
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const answers = new Map()
  let ready = false
  child.on('message', (message) => {
    if (message.ready) ready = true
    else answers.get(message.id)(message.answer)
  })
  let end = null
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve((end = { error })))
    child.once('close', (code, signal) => resolve((end = { code, signal, output })))
  })
  t.after(async () => {
    for (const { pid } of captureChildrenOf(child.pid)) send(pid, 'SIGKILL')
    child.kill('SIGKILL')
    await ended
  })
  const show = () => `the app ${end === null ? 'runs' : `ended: ${JSON.stringify(end)}`}; it said: ${output}`
  await until(() => ready || end !== null, show)
  assert.ok(ready, show())
  await whenUp(child.pid)

  const app = {
    pid: child.pid,
    ended,
    show,
    /** Rejects if the app ends first. */
    ask(verb, value) {
      const id = answers.size
      const answer = new Promise((resolve) => answers.set(id, resolve))
      child.send({ id, verb, value }, () => {})
      return Promise.race([answer, ended.then(() => Promise.reject(new Error(`no answer to '${verb}': ${show()}`)))])
    },
    /** Takes a snapshot: `{path, …}`, or `{code, message, figures}` of the refusal. */
    snapshot: () => app.ask('snapshot'),
    /** Asks for one and tells its child's pid as soon as there is one; `answer` is what comes of it. */
    async capturing() {
      const answer = app.snapshot()
      answer.catch(() => {})
      const child_ = await until(() => captureChildrenOf(app.pid)[0], () => `a capture child: ${show()}`)
      return { child: child_.pid, answer }
    },
    /**
     * The state after every capture, whatever became of it: the app lives and its event loop turns, it holds no descriptor, thread, child or zombie more than
     * before the first capture, and what lies in its directory is whole.
     */
    async assertUnharmed() {
      assert.strictEqual(await app.ask('count'), count)
      // As the app sees it: it may have mounts of its own.
      const seen = path.join('/proc', String(app.pid), 'root', dir)
      assert.deepStrictEqual(leftovers(seen), [])
      const unchanged = () => {
        const { descriptors, threads } = holdings(app.pid)
        return descriptors <= before.descriptors && threads.length <= before.threads.length && childrenOf(app.pid).length <= before.children
      }
      await until(unchanged, () => `${JSON.stringify(before)} -> ${JSON.stringify([holdings(app.pid), childrenOf(app.pid)])}`)
    },
  }
  const before = { ...(await settledHoldings(app.pid)), children: childrenOf(app.pid).length }
  return app
}

/** A refusal in words with a stable code, one of several where which limit is met first is chance. */
function assertRefused(outcome, codes, words) {
  assert.ok([codes].flat().includes(outcome.code), `not ${codes}: ${JSON.stringify(outcome)}`)
  assert.match(outcome.message, words)
}

/** A finished snapshot. */
function assertTaken(outcome) {
  assert.ok(outcome.path, JSON.stringify(outcome))
}

module.exports = { startApp, assertRefused, assertTaken }
