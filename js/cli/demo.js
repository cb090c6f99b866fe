'use strict'
const { expectFiles } = require('./say.js')

module.exports = {
  usage: 'demo [--keep DIR]',
  summary: 'leaks on purpose under load, names the leak, repairs it and compares',
  details: 'Needs autocannon for the load. Exit code 0 when both verdicts are right. Takes one to three minutes.',
  options: { keep: { type: 'string', value: 'DIR', help: 'leave the snapshots in this directory' } },
  run(values, positionals) {
    expectFiles(positionals, 0, 0, this.usage)
    return require('../demo/driver.js').demo({ keep: values.keep })
  },
}
