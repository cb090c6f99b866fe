'use strict'
// Everybody waits for a lock whose owner has forgotten to give it back: promises that never settle, with all that waits on them.
let release
const lock = new Promise((resolve) => {
  release = resolve
})

class Transfer {
  constructor(id) {
    this.id = id
    this.amount = id % 1000
  }
}

async function perform(transfer) { // the leak
  await lock
  transfer.done = true
}

function round(number) {
  for (let i = 0; i < 300; i++) perform(new Transfer(number * 300 + i))
  return release.name
}

module.exports = {
  leaks: { cause: ['other', 'collection', 'closure'], class: ['Transfer', /perform/], holder: ['lock', 'Promise'] },
  round,
}
