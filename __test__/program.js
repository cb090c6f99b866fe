'use strict'
// Runs a program of __test__/programs in a child process: whatever can crash does so there, and its output is in the message.
const assert = require('node:assert')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { spawn } = require('node:child_process')

const ROOT = path.join(__dirname, '..')
const CLI = path.join(ROOT, 'js', 'cli.js')
const REGISTER = path.join(ROOT, 'js', 'register.js')

// Far beyond what anything here takes: it is for a hang, which would otherwise say nothing.
const HANG_MS = 240_000

const program = (name) => path.join(__dirname, 'programs', name)

/** A directory of this test's own, gone when the test is over. */
function freshDir(t) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-test-'))
  // A program that is still running may be writing there, and `maxRetries` does not look again at what is in the directory.
  const remove = () => {
    try {
      fs.rmSync(dir, { recursive: true, force: true })
      return true
    } catch (error) {
      if (error.code !== 'ENOTEMPTY') throw error
      return false
    }
  }
  t.after(() => until(remove, `the end of ${dir}`))
  return dir
}

/** What is in `dir`, but for the files that leakhunt keeps there itself. */
const filesIn = (dir) => fs.readdirSync(dir).filter((name) => !/^leakhunt\.(\d+\.)?((hunt\.)?lock|journal|control)$/.test(name))

/** Starts `node ...args`, or `command ...args`; `openInput` leaves its stdin to the caller. `ended` resolves to `{code, signal, stdout, stderr}`. */
function start(args, { env = {}, cwd = ROOT, input, openInput = false, command = process.execPath } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {})
  if (!openInput) child.stdin.end(input ?? '')
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const ended = new Promise((resolve, reject) => {
    const killer = setTimeout(() => {
      stderr += `\n(killed by the test: still running after ${HANG_MS} ms)`
      child.kill('SIGKILL')
    }, HANG_MS)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(killer)
      resolve({ code, signal, stdout, stderr })
    })
  })
  return { child, ended, stdoutSoFar: () => stdout }
}

const run = (args, options) => start(args, options).ended

const show = ({ code, signal, stdout, stderr }) => `code ${code}, signal ${signal}\nstdout: ${stdout}\nstderr: ${stderr}`

/** Runs a program that prints one JSON document and ends well; returns the document, with its stderr as `stderr`. */
async function answerOf(args, options) {
  const result = await run(args, options)
  assert.strictEqual(result.code, 0, show(result))
  try {
    return { ...JSON.parse(result.stdout), stderr: result.stderr }
  } catch {
    assert.fail(`not one JSON document\n${show(result)}`)
  }
}

const POLL_MS = 20
const PATIENCE_MS = 60_000

/** Waits until `condition()` is truthy and returns that; fails with `what` when it never is. */
async function until(condition, what, patience = PATIENCE_MS) {
  const end = Date.now() + patience
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > end) assert.fail(`never happened: ${typeof what === 'function' ? what() : what}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

module.exports = { ROOT, CLI, REGISTER, program, freshDir, filesIn, start, run, show, answerOf, until }
