'use strict'
// One question to a running recorder, over its control socket: a line out, lines in (docs/control-socket.md).
const net = require('node:net')
const { withCode } = require('../errors.js')

const VERSION = 1
const NEWLINE = 10
/** An answer has a few megabytes at most. */
const LONGEST = 64 * 1024 * 1024
/** For the first line. What comes after it is a capture, which has deadlines of its own where it is made. */
const PATIENCE_MS = 10_000

const failed = (code, message) => withCode(new Error(message), `ERR_LEAKHUNT_${code}`)

/** Nobody listens there (any more). */
const ABSENT = new Set(['ECONNREFUSED', 'ENOENT'])

function unconnected({ code, message }, pid) {
  if (ABSENT.has(code)) return failed('NO_RECORDER', `process ${pid} does not listen any more: it has ended, or its recorder was stopped`)
  if (code === 'EACCES' || code === 'EPERM') return failed('CONTROL_REFUSED', `the control socket of process ${pid} is not for user ${process.geteuid()}: ask as the user of that process, or as root`)
  return failed('CONTROL_CLOSED', `process ${pid} could not be asked: ${message}`)
}

function read(line, pid) {
  let document
  try {
    document = JSON.parse(line)
  } catch {
    throw failed('CONTROL_CLOSED', `process ${pid} does not speak as leakhunt does`)
  }
  if (document?.version !== VERSION) {
    throw failed('CONTROL_VERSION', `process ${pid} answers in version ${document?.version}, and this leakhunt reads version ${VERSION}: use the leakhunt that is in it`)
  }
  return document
}

/** Resolves to the answer; rejects with the recorder's own code and words, or with why it could not be asked. */
function askOne({ at, pid }, question, onProgress) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(at)
    const chunks = []
    let length = 0
    const patience = setTimeout(() => end(reject, failed('CONTROL_CLOSED', `process ${pid} does not answer: it may be stopped, or out of descriptors`)), PATIENCE_MS)
    function end(settle, value) {
      clearTimeout(patience)
      settle(value)
      socket.destroy()
    }
    function hear(line) {
      const { progress, answer, error } = read(line, pid)
      if (error) return end(reject, withCode(Object.assign(new Error(error.message), { figures: error.figures }), error.code))
      if (answer) return end(resolve, answer)
      clearTimeout(patience)
      if (progress) onProgress?.(progress)
    }
    socket.on('connect', () => socket.write(`${JSON.stringify({ version: VERSION, ...question })}\n`))
    socket.on('data', (chunk) => {
      try {
        length += chunk.length
        if (length > LONGEST) throw failed('CONTROL_CLOSED', `process ${pid} answers without end`)
        let rest = chunk
        for (let stop = rest.indexOf(NEWLINE); stop !== -1; stop = rest.indexOf(NEWLINE)) {
          const line = Buffer.concat([...chunks.splice(0), rest.subarray(0, stop)]).toString('utf8')
          rest = rest.subarray(stop + 1)
          hear(line)
        }
        chunks.push(rest)
      } catch (problem) {
        end(reject, problem)
      }
    })
    socket.on('error', (problem) => end(reject, unconnected(problem, pid)))
    socket.on('close', () => end(reject, failed('CONTROL_CLOSED', `process ${pid} ended, or its recorder was stopped, before it had answered`)))
  })
}

/** Asks the first of `places` that listens. */
async function ask(places, question, onProgress) {
  let problem
  for (const place of places) {
    try {
      return await askOne(place, question, onProgress)
    } catch (error) {
      problem = error
      if (error.code !== 'ERR_LEAKHUNT_NO_RECORDER') break
    }
  }
  throw problem
}

module.exports = { ask }
