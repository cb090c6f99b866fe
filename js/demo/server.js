'use strict'
// One of the demo's servers as the driver holds it: a child process with the agent in it.
const path = require('node:path')
const { once } = require('node:events')
const { spawn } = require('node:child_process')
const { createInterface } = require('node:readline')
const { EventEmitter } = require('node:events')

const AGENT = path.join(__dirname, 'agent.js')
const GRACE_MS = 5000

/** Emits 'threshold', 'snapshot' and 'skipped' as they happen in the server. */
class DemoServer extends EventEmitter {
  #child
  #waiting = new Map()
  #lastId = 0
  #stderr = ''

  static async start(name, options, folder) {
    const server = new DemoServer()
    await server.#start(path.join(__dirname, name, 'server.js'), options, folder)
    return server
  }

  async #start(program, options, folder) {
    // Settings of the person at the keyboard are for other programs.
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(LEAKHUNT|NODE_OPTIONS$|PORT$)/.test(key)))
    const child = spawn(process.execPath, ['--require', AGENT, program], {
      env: { ...env, DEMO_OPTIONS: JSON.stringify(options), LOG_FILE: path.join(folder, 'requests.log') },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text
    })
    child.on('message', (message) => this.#receive(message))
    child.once('exit', (code, signal) => this.#ended(code, signal))
    for await (const line of createInterface({ input: child.stdout })) {
      const port = /^listening on (\d+)$/.exec(line)?.[1]
      if (port === undefined) continue
      this.url = `http://127.0.0.1:${port}`
      return
    }
    throw new Error(`the server did not start: ${this.#stderr}`)
  }

  #receive({ id, answer, problem, event, details }) {
    if (event !== undefined) {
      if (event === 'error') this.emit('trouble', details)
      else this.emit(event, details)
      return
    }
    const { resolve, reject } = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (problem) reject(Object.assign(new Error(problem.message), { code: problem.code }))
    else resolve(answer)
  }

  #ended(code, signal) {
    const error = new Error(`the server ended with ${signal ?? `code ${code}`}: ${this.#stderr}`)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    this.emit('ended', error)
  }

  ask(what, details = {}) {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.send({ id, ask: what, ...details })
    })
  }

  /** Ends the server and its recorder; a server that does not end by itself is killed. */
  async stop() {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    if (child.connected) child.disconnect()
    const killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
    await ended
    clearTimeout(killer)
  }

  /** The same at once, for the moment when the driver itself has to go. */
  kill() {
    this.#child?.kill('SIGKILL')
  }
}

module.exports = { DemoServer }
