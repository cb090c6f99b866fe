'use strict'
// node --require leakhunt/register app.js (or --import): start() with the options of the environment and package.json.
// A preload runs before the app and in every worker: it must not throw, must not speak without need, must not stay.
const { isMainThread } = require('node:worker_threads')

try {
  const { switchedOff, readSwitch } = require('./options/index.js')
  const wanted = isMainThread || readSwitch(process.env, 'LEAKHUNT_WORKERS', false, () => {})
  if (wanted && !switchedOff()) require('./index.js').start()
} catch (error) {
  process.emitWarning(`leakhunt could not start: ${error?.message ?? error}`, { type: 'LeakhuntWarning', code: error?.code ?? 'ERR_LEAKHUNT_START' })
}
