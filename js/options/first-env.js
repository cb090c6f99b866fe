'use strict'
// The environment as this process was started with, which code cannot change: deleting from process.env changes a copy, and a worker may have its own.
const fs = require('node:fs')

/** The value of a variable then, or undefined where it was not set or cannot be known. */
function firstValue(variable) {
  try {
    const pair = fs.readFileSync('/proc/self/environ', 'utf8').split('\0').find((each) => each.startsWith(`${variable}=`))
    return pair?.slice(variable.length + 1)
  } catch {
    return undefined
  }
}

module.exports = { firstValue }
