'use strict'
const { native } = require('../native.js')
const { options, rewrite } = require('./rewrite.js')

module.exports = {
  usage: 'unpack FILE -o OUT.heapsnapshot [--json]',
  summary: 'writes a plain .heapsnapshot that Chrome DevTools opens',
  details: 'Reads .heapsnapshot, .heapsnapshot.zst, .heapsnapshot.gz and .lhgraph. An existing file is never overwritten.',
  options,
  run(values, positionals) {
    return rewrite(this, native().unpack, values, positionals)
  },
}
