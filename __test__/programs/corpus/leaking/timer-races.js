'use strict'
// "Or give up after ten minutes": a race against a timeout that is not cleared when the work wins.
class Report {
  constructor(id) {
    this.id = id
    this.lines = [`report ${id}`]
  }
}

function orGiveUp(work, report, ms) {
  const timeout = new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no ${report.id} in time`)), ms) // the leak
  })
  return Promise.race([work, timeout])
}

async function round(number) {
  for (let i = 0; i < 200; i++) {
    const report = new Report(number * 200 + i)
    await orGiveUp(Promise.resolve(report), report, 600_000)
  }
}

module.exports = { leaks: { cause: 'timer', class: 'Report', holder: 'Timeout' }, round }
