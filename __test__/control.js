'use strict'
// The control socket from outside: the command line, and clients that say what they like.
const assert = require('node:assert')
const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { startApp } = require('./app.js')
const { CLI, freshDir, run, show, until } = require('./program.js')

/** Where the sockets in a directory of snapshots are. */
const homeOf = (dir) => path.join(dir, 'leakhunt.control')

const socketsIn = (dir) => (fs.existsSync(homeOf(dir)) ? fs.readdirSync(homeOf(dir)).map((name) => path.join(homeOf(dir), name)) : [])

/** The one socket of a process in `dir`, as soon as it is there. */
async function socketIn(dir, pid) {
  const of = (name) => path.basename(name).startsWith(`${pid}.`) && name.endsWith('.sock')
  const sockets = await until(() => {
    const found = socketsIn(dir).filter(of)
    return found.length > 0 && found
  }, () => `a socket of ${pid} in ${dir}: ${socketsIn(dir)}`)
  assert.strictEqual(sockets.length, 1, String(sockets))
  return sockets[0]
}

/** An app with a control socket. */
async function startControlled(t, { dir = freshDir(t), options = {}, ...rest } = {}) {
  const app = await startApp(t, { name: 'controlled.js', dir, options: { control: true, ...options }, whenUp: (pid) => socketIn(dir, pid), ...rest })
  return { app, dir, socket: await socketIn(dir, app.pid) }
}

/** Says `text` and listens to the end: the lines that came, and the error that the connection ended with, if any. */
function speak(socket, text = '') {
  return new Promise((resolve) => {
    const client = net.connect(socket)
    let heard = ''
    let problem = null
    client.setEncoding('utf8').on('data', (more) => (heard += more))
    client.on('error', ({ code }) => (problem = code))
    client.on('close', () => resolve({ lines: heard.split('\n').filter(Boolean).map((line) => JSON.parse(line)), problem }))
    if (text !== '') client.on('connect', () => client.write(text))
  })
}

const request = (fields) => `${JSON.stringify({ version: 1, ...fields })}\n`

const cli = (args, options) => run([CLI, ...args.map(String)], options)

/** The document that a verb prints with --json. */
async function documentOf(args, options) {
  const result = await cli([...args, '--json'], options)
  assert.strictEqual(result.code, 0, show(result))
  return JSON.parse(result.stdout)
}

/** Exit code 2, nothing on stdout, and one line with a code and words. */
async function assertRefused(args, code, words) {
  const result = await cli(args)
  assert.strictEqual(result.code, 2, show(result))
  assert.strictEqual(result.stdout, '', show(result))
  assert.match(result.stderr, new RegExp(`^leakhunt: .+ \\(ERR_LEAKHUNT_${code}\\)\\n$`), show(result))
  assert.match(result.stderr, words)
}

/** How many objects of the program's class a document of `leakhunt census --json` has. */
const planted = ({ classes }) => classes.find(({ name, kind }) => name === 'Planted' && kind === 'object')?.counts.at(-1)

module.exports = { assertRefused, cli, documentOf, homeOf, planted, request, socketIn, socketsIn, speak, startControlled }
