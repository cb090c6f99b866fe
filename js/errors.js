'use strict'
// Errors that a program can tell apart: each has a stable `code`. Also the one road by which leakhunt speaks to a process
// that did not ask: process.emitWarning, once for each code and text.

const { oneLine } = require('./visible.js')

function withCode(error, code) {
  // As Node's own errors do it: the code is a property, and the name stays that of the class.
  error.code = code
  return error
}

const invalidOption = (Class, message) => withCode(new Class(message), 'ERR_LEAKHUNT_INVALID_OPTION')

const said = new Set()

/** Warns once in this environment; says the same thing never twice. */
function warnOnce(message, code) {
  const key = `${code} ${message}`
  if (said.has(key)) return
  said.add(key)
  process.emitWarning(oneLine(message), { type: 'LeakhuntWarning', code })
}

module.exports = { withCode, invalidOption, warnOnce }
