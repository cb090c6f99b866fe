'use strict'
const { nativeCapabilities } = require('../native.js')
const { answer, expectFiles } = require('./say.js')

const WIDTH = 22

function line(name, { way, available, reason }) {
  const how = available ? way : 'off'
  return `  ${name.padEnd(WIDTH)} ${how.padEnd(11)} ${reason ?? ''}`.trimEnd()
}

module.exports = {
  usage: 'capabilities [--json]',
  summary: 'says what works on this Node and machine, and why not',
  options: { json: { type: 'boolean', help: 'print the same as one JSON document' } },
  run(values, positionals) {
    expectFiles(positionals, 0, 0, this.usage)
    const capabilities = nativeCapabilities()
    answer(JSON.stringify(capabilities), values, () => {
      const { node, platform, ...rest } = capabilities
      const abilities = Object.entries(rest).filter(([, value]) => typeof value === 'object' && value !== null)
      return [`Node ${node} on ${platform}`, ...abilities.map(([name, value]) => line(name, value))].join('\n')
    })
    return 0
  },
}
