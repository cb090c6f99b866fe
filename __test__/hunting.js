'use strict'
// Talks with programs/hunting.js, or one that speaks as it does, and knows the capture child that belongs to it.
const fs = require('node:fs')
const path = require('node:path')
const { spawn } = require('node:child_process')
const { captureChildrenOf, runs, send } = require('./processes.js')
const { ROOT, program, until: untilWithin } = require('./program.js')

/** On a machine that has much else to do, a capture of an empty heap can take a minute. */
const PATIENCE_MS = 200_000
const until = (condition, what) => untilWithin(condition, what, PATIENCE_MS)

/** Captures by itself whenever the process is as large as it was the last time; this one grows a little all the time. */
const EAGER = {
  intervalMs: 20,
  thresholds: { rssBytes: 1, samples: 1, stepPercent: 0 },
  limits: { maxCount: 1000, cooldownMs: 0, minFreeDiskBytes: 0 },
  capture: { nice: 0 },
}
/** Captures when it is asked to. */
const CALM = { intervalMs: 20, rules: [], growth: false, limits: { minFreeDiskBytes: 0 }, capture: { nice: 0 } }

/** Starts a hunt. It is killed, with its capture child, when the test is over. */
function hunting(t, options, { name = 'hunting.js', count = 0, deliver = '', env = {} } = {}) {
  const child = spawn(process.execPath, [program(name), JSON.stringify(options), String(count), deliver], {
    cwd: ROOT,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined, ...env },
  })
  const events = []
  let text = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (more) => (stderr += more))
  child.stdin.on('error', () => {})
  child.stdout.setEncoding('utf8').on('data', (more) => {
    const lines = (text + more).split('\n')
    text = lines.pop()
    events.push(...lines.map((line) => JSON.parse(line)))
  })
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stderr })))
  t.after(() => {
    for (const { pid } of captureChildrenOf(child.pid)) send(pid, 'SIGKILL')
    child.kill('SIGKILL')
    return ended
  })
  const show = () => `events: ${JSON.stringify(events)}\nstderr: ${stderr}`
  return {
    pid: child.pid,
    events,
    ended,
    stderr: () => stderr,
    say: (word) => child.stdin.write(`${word}\n`),
    kill: (signal) => child.kill(signal),
    /** The `nth` event of a type, once it has come. */
    next: (type, nth = 1) => until(() => events.filter((event) => event.type === type)[nth - 1], () => `${type} no. ${nth}\n${show()}`),
    /** Takes a snapshot; resolves to its event, `snapshot` or `skipped`. */
    async snapshot() {
      const before = events.length
      child.stdin.write('snapshot\n')
      const isAnswer = ({ type, id }) => (type === 'snapshot' || type === 'skipped') && id !== null
      return until(() => events.slice(before).find(isAnswer), () => `the answer\n${show()}`)
    },
    /** Closes its stdin, after which nothing keeps it alive. */
    leave() {
      child.stdin.end()
      return ended
    },
    captureChild: () => until(() => captureChildrenOf(child.pid)[0]?.pid, () => `a capture child\n${show()}`),
  }
}

/** Stops a capture child whose app has just been killed: Linux has let a stopped one run on at that moment. */
async function killApp(app, child) {
  send(child, 'SIGSTOP')
  app.kill('SIGKILL')
  await app.ended
  send(child, 'SIGSTOP')
}

/** Its lines; none where there is no journal yet. */
function journalOf(dir) {
  const file = path.join(dir, 'leakhunt.journal')
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
  const lines = text.split('\n').slice(0, -1)
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}

/** The app and its capture child, killed in the middle of a capture that was asked for. */
async function killInCapture(t, dir) {
  const app = hunting(t, { ...CALM, dir }, { count: 100_000 })
  await app.next('sample')
  app.say('snapshot')
  const child = await app.captureChild()
  await killApp(app, child)
  send(child, 'SIGKILL')
  await until(() => !runs(child), 'the end of the capture child')
}

module.exports = { until, EAGER, CALM, hunting, journalOf, killApp, killInCapture }
