'use strict'
// From the number of a process, or a directory, to the control sockets there: `{ at, pid }`, where `at` is a path that is short enough to connect to.
const fs = require('node:fs')
const path = require('node:path')
const { withCode } = require('../errors.js')
const { HOME, homeOf, look, recorderOf, recording } = require('./proc.js')

const NAME = /^(?<pid>\d+)\.(?<ticks>\d+)\.sock$/

const unfound = (code, message) => withCode(new Error(message), `ERR_LEAKHUNT_${code}`)

/** The sockets in a directory, which is given by a short path. */
const socketsIn = (home) => fs.readdirSync(home).flatMap((name) => {
  const { pid, ticks } = NAME.exec(name)?.groups ?? {}
  return pid === undefined ? [] : [{ at: `${home}/${name}`, pid: Number(pid), ticks }]
})

/** Of a process that is here: by its descriptor, which needs no path. */
function byProcess(pid) {
  const found = look(pid)
  if (found === null) throw unfound('NO_PROCESS', `there is no process ${pid}; 'leakhunt ps' lists those that can be asked`)
  const { records, serves } = recorderOf(pid)
  if (!records) {
    throw unfound('NO_RECORDER', `no recorder runs in process ${pid} (${found.name}): start it with 'node --require leakhunt/register', or call start() in it`)
  }
  if (!serves) {
    throw unfound('CONTROL_OFF', `the recorder in process ${pid} has no control socket: it was started with control: false (LEAKHUNT_CONTROL=0), or with a warning that says why there is none`)
  }
  let home
  try {
    home = homeOf(pid)
  } catch {
    const own = process.geteuid()
    if (found.user !== own) throw unfound('CONTROL_REFUSED', `process ${pid} belongs to user ${found.user}, and this is user ${own}: ask as that user, or as root`)
    throw unfound('CONTROL_REFUSED', `process ${pid} does not let this user look into it (it may have changed its user): ask as root, or name its directory with --dir`)
  }
  const sockets = home === null ? [] : socketsIn(home).filter((socket) => socket.pid === Number(found.inner))
  const socket = sockets.find(({ ticks }) => ticks === found.startTicks) ?? sockets[0]
  if (socket === undefined) throw unfound('CONTROL_OFF', `the control socket of process ${pid} is not there (any more): somebody has removed it, or it is about to be made`)
  return { at: socket.at, pid }
}

/** The directories of sockets in `dir` that this user may trust, held open until the process ends: there is one, as a rule. */
function homesIn(dir) {
  let names
  try {
    names = fs.readdirSync(dir)
  } catch (error) {
    throw unfound('DIR_UNREADABLE', `cannot read the directory ${dir}: ${error.message}`)
  }
  const user = process.geteuid()
  return names.filter((name) => HOME.test(name)).flatMap((name) => {
    const home = path.join(dir, name)
    try {
      const fd = fs.openSync(home, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW)
      if (user === 0 || fs.fstatSync(fd).uid === user) return [`/proc/self/fd/${fd}`]
      fs.closeSync(fd)
    } catch {
      // A link, a file, or somebody else's.
    }
    return []
  })
}

/** All sockets in `dir`. Numbers are those that the processes have of themselves. */
const byDirectory = (dir) => homesIn(dir).flatMap(socketsIn)

/**
 * The places to ask for a process: more than one where a directory has sockets of several processes that had the same number, of which only one still answers.
 * Throws with the reason where there is none.
 */
function placesOf(pid, dir) {
  if (dir === undefined) return [byProcess(pid)]
  const places = byDirectory(dir).filter((place) => place.pid === pid)
  if (places.length === 0) throw unfound('NO_RECORDER', `no recorder of a process ${pid} has a control socket in ${dir}; 'leakhunt ps --dir' lists those that have`)
  return places
}

/** Every recorder that can be found: places to ask, or for those that cannot be asked the reason. */
function everyone(dir) {
  if (dir !== undefined) return byDirectory(dir)
  return recording().flatMap((pid) => {
    try {
      return [byProcess(pid)]
    } catch ({ code, message }) {
      return code === 'ERR_LEAKHUNT_NO_PROCESS' || code === 'ERR_LEAKHUNT_NO_RECORDER' ? [] : [{ pid, code, message }]
    }
  })
}

module.exports = { placesOf, everyone }
