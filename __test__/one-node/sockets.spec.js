'use strict'
// A server with hundreds of clients while its capture child works: the child holds none of their connections.
const assert = require('node:assert')
const fs = require('node:fs')
const http = require('node:http')
const net = require('node:net')
const { once } = require('node:events')
const { test } = require('node:test')
const { assertTaken, startApp } = require('../app.js')
const { runs, send } = require('../processes.js')
const { freshDir, until } = require('../program.js')

const CLIENTS = 500
const COUNT = 20_000

async function connect(port) {
  const socket = net.connect(port, '127.0.0.1').on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  return socket
}

/** A server with its clients, and a capture whose child has let go of what it does not need and stands still. */
async function crowded(t) {
  const app = await startApp(t, { name: 'server.js', dir: freshDir(t), count: COUNT })
  const ports = await app.ask('ports')
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect(ports.tcp)))
  t.after(() => clients.forEach((client) => client.destroy()))
  await until(async () => (await app.ask('open')) === CLIENTS, 'all clients')
  const { child, answer } = await app.capturing()
  return { app, ports, clients, child, answer }
}

const allClosed = (clients) => Promise.all(clients.map((client) => client.closed || once(client, 'close')))

const get = (port) =>
  new Promise((resolve, reject) => {
    http.get({ port, host: '127.0.0.1', agent: false }, (response) => response.setEncoding('utf8').once('data', resolve)).once('error', reject)
  })

/** Where the descriptors of a process lead. */
const targets = (pid) =>
  fs.readdirSync(`/proc/${pid}/fd`).map((number) => fs.readlinkSync(`/proc/${pid}/fd/${number}`))

test(`none of ${CLIENTS} connections is open in the child, and requests are answered while it works`, async (t) => {
  const { app, ports, clients, child, answer } = await crowded(t)
  send(child, 'SIGSTOP')
  const odd = targets(child).filter((target) => target !== '/dev/null' && !/leakhunt-test-/.test(target))
  assert.deepStrictEqual(odd, [])
  for (let i = 0; i < 50; i++) assert.strictEqual(await get(ports.web), `${CLIENTS} sockets`)
  const echoes = clients.map((client) => once(client, 'data'))
  for (const client of clients) client.write('x')
  await Promise.all(echoes)
  assert.ok(runs(child), 'all that while the child was there')
  send(child, 'SIGCONT')
  assertTaken(await answer)
  for (const client of clients) client.destroy()
  await until(async () => (await app.ask('open')) === 0, 'the end of all connections')
})

test('clients whose connection the server closes see it at once, and the port is free', async (t) => {
  const { app, ports, clients, child, answer } = await crowded(t)
  send(child, 'SIGSTOP')
  await app.ask('close')
  await allClosed(clients)
  const other = net.createServer().listen(ports.tcp, '127.0.0.1')
  await once(other, 'listening')
  other.close()
  assert.ok(runs(child))
  send(child, 'SIGCONT')
  assertTaken(await answer)
})

test('clients of a server that dies see it at once, though its child works on', async (t) => {
  const { app, ports, clients, child } = await crowded(t)
  t.after(() => send(child, 'SIGKILL'))
  const gone = allClosed(clients)
  send(app.pid, 'SIGKILL')
  await app.ended
  send(child, 'SIGSTOP')
  assert.ok(runs(child), 'it works on')
  await gone
  await assert.rejects(get(ports.web), { code: 'ECONNREFUSED' })
  assert.ok(runs(child), 'and still does')
  send(child, 'SIGCONT')
  await until(() => !runs(child), 'its end')
})
