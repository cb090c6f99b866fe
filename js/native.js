'use strict'
// The addon, loaded at first use and not before: `require('leakhunt')` has no side effects. Once for each environment (a
// worker is one), since V8's figures are calibrated against this environment's own node:v8.
const v8 = require('node:v8')
const ADDON = require('./addon-name.js')
const { withCode } = require('./errors.js')
const { readSwitch } = require('./options/index.js')

let binding = null

/** The native functions. Throws ERR_LEAKHUNT_ADDON where there is no addon for this platform. */
function native() {
  if (binding !== null) return binding
  let loaded
  try {
    loaded = require(`./${ADDON}`)
  } catch (error) {
    // The list of who required whom says nothing to a user; the first line names the matter.
    const [reason] = String(error?.message ?? error).split('\n')
    const message = `leakhunt's native addon could not be loaded on ${process.platform}-${process.arch}: ${reason}`
    throw withCode(new Error(message, { cause: error }), 'ERR_LEAKHUNT_ADDON')
  }
  loaded.calibrate(v8, readSwitch(process.env, 'LEAKHUNT_NATIVE', true, () => {}))
  binding = loaded
  return binding
}

/** What works here and why not, as far as it is known without trying. */
const nativeCapabilities = () => ({
  node: process.versions.node,
  platform: `${process.platform}-${process.arch}`,
  ...native().capabilities(),
})

module.exports = { native, nativeCapabilities }
