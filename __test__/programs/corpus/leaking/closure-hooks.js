'use strict'
// "Run this when we shut down": a hook for each job, in a list that is read once, at the very end.
const hooks = []

function beforeExit(hook) {
  hooks.push(hook)
}

function runJob(number) {
  const rows = Array.from({ length: 20 }, (_, row) => `row ${row} of job ${number}`)
  let written = 0
  beforeExit(() => { // the leak
    if (written < rows.length) throw new Error(`job ${number} was not finished`)
  })
  for (const row of rows) written += Number(row.length > 0)
}

function round(number) {
  for (let i = 0; i < 300; i++) runJob(number * 300 + i)
}

module.exports = { leaks: { cause: 'closure', class: ['Array', 'function (anonymous)', /^function /], holder: 'hooks' }, round }
