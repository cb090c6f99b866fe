'use strict'
// A real Chromium, spoken to through two pipes in the DevTools protocol: no port, and no library.
const fs = require('node:fs')
const path = require('node:path')
const { once } = require('node:events')
const { spawn, spawnSync } = require('node:child_process')

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const OPTIONS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--remote-debugging-pipe']

/** The browser of this machine, or undefined. */
const findBrowser = () => NAMES.find((name) => spawnSync(name, ['--version']).status === 0)

/** Opens `page`; resolves to `{ send, listen, end }`, where `send(method, params)` is a command to it. */
async function openPage(browser, page, profile) {
  const child = spawn(browser, [...OPTIONS, `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (words += text))
  const [, , , to, from] = child.stdio
  const waiting = new Map()
  const listening = new Set()
  let rest = ''
  from.setEncoding('utf8').on('data', (text) => {
    const messages = (rest + text).split('\0')
    rest = messages.pop()
    for (const message of messages.map((json) => JSON.parse(json))) {
      if (message.id === undefined) listening.forEach((onEvent) => onEvent(message))
      else waiting.get(message.id)(message)
    }
  })
  const gone = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`${browser} has ended (${code ?? signal}): ${words}`)
  })
  // Whoever waits for an answer is told.
  gone.catch(() => {})
  let count = 0
  const command = async (sessionId, method, params = {}) => {
    const id = ++count
    const answer = new Promise((resolve) => waiting.set(id, resolve))
    to.write(`${JSON.stringify({ id, sessionId, method, params })}\0`)
    const { error, result } = await Promise.race([answer, gone])
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }
  const { targetId } = await command(undefined, 'Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await command(undefined, 'Target.attachToTarget', { targetId, flatten: true })
  const loaded = new Promise((resolve) => listening.add(({ method }) => method === 'Page.loadEventFired' && resolve()))
  await command(sessionId, 'Page.enable')
  await command(sessionId, 'Page.navigate', { url: page })
  await Promise.race([loaded, gone])
  return {
    send: (method, params) => command(sessionId, method, params),
    listen: (onEvent) => listening.add(onEvent),
    async end() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Opens a page, runs `round(0)`, `round(1)`, … in it and takes a snapshot after each; resolves to their paths. */
async function snapshotsOf(browser, html, rounds, dir) {
  const page = await openPage(browser, `file://${html}`, path.join(dir, 'profile'))
  let out
  page.listen(({ method, params }) => {
    if (method === 'HeapProfiler.addHeapSnapshotChunk') fs.writeSync(out, params.chunk)
  })
  const paths = []
  try {
    await page.send('HeapProfiler.enable')
    for (let number = 0; number < rounds; number++) {
      const { exceptionDetails } = await page.send('Runtime.evaluate', { expression: `round(${number})` })
      if (exceptionDetails) throw new Error(`round ${number}: ${JSON.stringify(exceptionDetails)}`)
      const file = path.join(dir, `${number}.heapsnapshot`)
      out = fs.openSync(file, 'w')
      await page.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
      fs.closeSync(out)
      paths.push(file)
    }
  } finally {
    await page.end()
  }
  return paths
}

module.exports = { findBrowser, snapshotsOf }
