'use strict'
const { capabilities: ask } = require('../index.js')
const { answer, expectFiles } = require('./say.js')
const { visible } = require('../visible.js')

const WIDTH = 22

function line(name, { way, available, reason, pauseMs = null, durationMs, forkHandlers = [] }) {
  const how = available ? way : 'off'
  const notes = [reason]
  if (pauseMs !== null) notes.push(`proven: captured in ${Math.round(durationMs)} ms, of which the thread stood still for ${pauseMs.toFixed(1)} ms`)
  if (forkHandlers.length > 0) notes.push(`fork handlers may be in ${visible(forkHandlers.join(', '))}`)
  return `  ${name.padEnd(WIDTH)} ${how.padEnd(11)} ${notes.filter(Boolean).join('; ')}`.trimEnd()
}

module.exports = {
  usage: 'capabilities [--prove] [--json]',
  summary: 'says what works on this Node and machine, and why not',
  details: 'With --prove, exit code 2 says that forked capture does not work here.',
  options: {
    prove: { type: 'boolean', help: 'make one small forked snapshot to see whether it works' }, json: { type: 'boolean', help: 'print the same as one JSON document' } },
  async run(values, positionals) {
    expectFiles(positionals, 0, 0, this.usage)
    const capabilities = await ask({ prove: values.prove === true })
    answer(JSON.stringify(capabilities), values, () => {
      const { node, platform, ...rest } = capabilities
      const abilities = Object.entries(rest).filter(([, value]) => typeof value === 'object' && value !== null).toSorted(([a], [b]) => (a < b ? -1 : 1))
      return [`Node ${node} on ${platform}`, ...abilities.map(([name, value]) => line(name, value))].join('\n')
    })
    return values.prove && !capabilities.fork.proven ? 2 : 0
  },
}
