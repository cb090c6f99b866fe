'use strict'
// Processes as /proc shows them, looked at for recorders. A recorder's threads have names, and the one that serves its control socket holds the directory of that socket open: so whoever
// may look into the process finds the socket, wherever it is, also in a container's own file system.
const fs = require('node:fs')
const path = require('node:path')

/** The thread of every recorder, and that of the socket. */
const RECORDER = 'leakhunt'
const SERVER = 'leakhunt-ctl'
/** The directory of the sockets; in one that all users share each has his own. */
const HOME = /^leakhunt(\.\d+)?\.control$/

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function list(dir) {
  try {
    return fs.readdirSync(dir)
  } catch {
    return []
  }
}

/**
 * What anybody may know of a process: null where there is none, or it has ended and waits for its parent. `inner` is its number as it knows itself, in a container;
 * `startTicks` tells it from all that had the number before.
 */
function look(pid) {
  const [, state, rest] = /^\d+ \([^]*\) (\S) ([^]*)$/.exec(read(`/proc/${pid}/stat`)) ?? []
  if (state === undefined || state === 'Z' || state === 'X') return null
  const status = read(`/proc/${pid}/status`)
  const numbers = /^NSpid:\s*([\d\t ]+)$/m.exec(status)?.[1].trim().split(/\s+/) ?? [String(pid)]
  return {
    inner: numbers.at(-1),
    startTicks: rest.split(' ')[18],
    user: Number(/^Uid:\s*\d+\s+(\d+)/m.exec(status)?.[1]),
    name: /^Name:\s*(.*)$/m.exec(status)?.[1] ?? '',
  }
}

/** The names of its threads, but for the first: that one has the name of the program. */
const threads = (pid) => list(`/proc/${pid}/task`).filter((tid) => tid !== String(pid)).map((tid) => read(`/proc/${pid}/task/${tid}/comm`).trim())

/** Whether a recorder runs in it, and whether it serves a socket. */
function recorderOf(pid) {
  const names = threads(pid)
  return { records: names.includes(RECORDER), serves: names.includes(SERVER) }
}

/** The numbers of all processes in which a recorder runs. */
const recording = () => list('/proc').filter((name) => /^\d+$/.test(name) && recorderOf(name).records).map(Number)

/** A path into the directory of its socket, by the descriptor that it holds; null where it holds none. Throws EACCES where this user may not look. */
function homeOf(pid) {
  const fds = `/proc/${pid}/fd`
  for (const number of fs.readdirSync(fds)) {
    let target
    try {
      target = fs.readlinkSync(`${fds}/${number}`)
    } catch (error) {
      // Closed since.
      if (error.code === 'ENOENT') continue
      throw error
    }
    if (HOME.test(path.basename(target).replace(/ \(deleted\)$/, ''))) return `${fds}/${number}`
  }
  return null
}

module.exports = { HOME, look, recorderOf, recording, homeOf }
