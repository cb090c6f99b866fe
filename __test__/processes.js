'use strict'
// Processes as /proc shows them, from outside.
const fs = require('node:fs')

/** What a capture child calls itself, once it is one. */
const CAPTURE_CHILD = 'leakhunt-dump'

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    // It ended while we looked.
    return ''
  }
}

/** `{pid, name, state, parent}`; null where there is no such process. The name stands in parentheses and may hold anything. */
function look(pid) {
  const [, name, state, parent] = /^\d+ \(([^]*)\) (\S) (\d+)/.exec(read(`/proc/${pid}/stat`)) ?? []
  return name === undefined ? null : { pid: Number(pid), name, state, parent: Number(parent) }
}

/** Every process whose parent `pid` is, zombies included. */
const childrenOf = (pid) =>
  fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(look)
    .filter((process) => process?.parent === pid)

const captureChildrenOf = (pid) => childrenOf(pid).filter(({ name, state }) => name === CAPTURE_CHILD && state !== 'Z')

/** Whether it runs: a zombie does not. */
const runs = (pid) => !['Z', 'X', undefined].includes(look(pid)?.state)

/** Its open descriptors and its threads. */
const holdings = (pid) => ({
  descriptors: fs.readdirSync(`/proc/${pid}/fd`).length,
  threads: fs.readdirSync(`/proc/${pid}/task`).map((tid) => read(`/proc/${pid}/task/${tid}/comm`).trim()).toSorted(),
})

/** Sends a signal, if there is anybody left to get it. */
function send(pid, signal) {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

module.exports = { childrenOf, captureChildrenOf, runs, holdings, send }
