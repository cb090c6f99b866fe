'use strict'
// Timers that are never cleared, and timers that are.
const HOUR = 3_600_000

class Poller {
  constructor(i) {
    this.name = `poller ${i}`
  }
}
class Reminder extends Poller {}
class Retry extends Poller {}
class Brief extends Poller {}

const retries = []

function poll(poller) {
  setInterval(function pollTick() {
    return poller.name
  }, HOUR).unref()
}

function remind(reminder) {
  setTimeout(() => reminder.name, 2 * HOUR)
}

function retry(each) {
  retries.push(setTimeout(() => each.name, 3 * HOUR))
}

function brief(each) {
  clearTimeout(setTimeout(() => each.name, HOUR))
  clearInterval(setInterval(() => each.name, HOUR))
}

function work(i) {
  poll(new Poller(i))
  remind(new Reminder(i))
  retry(new Retry(i))
  brief(new Brief(i))
}

module.exports = { work }
