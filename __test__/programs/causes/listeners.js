'use strict'
// Listeners that are never removed, on each kind of thing that can be listened to; and listeners that come and go.
const { EventEmitter, setMaxListeners } = require('node:events')

class Session {
  constructor(i) {
    this.name = `session ${i}`
  }
}
class Waiter extends Session {}
class Viewer extends Session {}
class Task extends Session {}
class Guard extends Session {}
class Passer extends Session {}

const bus = new EventEmitter().setMaxListeners(0)
const shop = new EventTarget()
const shutdown = new AbortController()
process.setMaxListeners(0)
setMaxListeners(0, shop, shutdown.signal)

function watch(session) {
  bus.on('tick', function onTick() {
    return session
  })
}

function waitFor(waiter) {
  bus.once('ready', () => waiter)
}

function view(viewer) {
  shop.addEventListener('sale', function onSale() {
    return viewer
  })
}

function run(task) {
  shutdown.signal.addEventListener('abort', () => task.name, { once: true })
}

function guard(guarded) {
  process.on('guarded', () => guarded.name)
}

/** Comes and goes. */
function pass(passer) {
  const listener = () => passer
  bus.on('pass', listener)
  shop.addEventListener('pass', listener)
  bus.off('pass', listener)
  shop.removeEventListener('pass', listener)
}

function work(i) {
  watch(new Session(i))
  waitFor(new Waiter(i))
  view(new Viewer(i))
  run(new Task(i))
  guard(new Guard(i))
  pass(new Passer(i))
}

module.exports = { work }
