'use strict'
// What a program of the corpus talks to, in a process of its own, so that the program's heap holds only the program's side.
const path = require('node:path')
const { fork } = require('node:child_process')

/** Starts the peer `name`. `ask(message)` resolves to its answer; messages are answered in order. */
async function startPeer(name) {
  const child = fork(path.join(__dirname, `${name}.js`), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] })
  const waiting = []
  child.on('message', (answer) => waiting.shift()(answer))
  const next = () => new Promise((resolve) => waiting.push(resolve))
  const { port } = await next()
  return {
    port,
    ask(message) {
      child.send(message)
      return next()
    },
  }
}

/** The other end: answers each message with what `handler` makes of it, and goes when the program does. */
function serve(port, handler = () => ({})) {
  process.on('message', async (message) => process.send(await handler(message)))
  process.on('disconnect', () => process.exit())
  process.send({ port })
}

module.exports = { startPeer, serve }
