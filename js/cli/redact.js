'use strict'
const { native } = require('../native.js')
const { options, rewrite } = require('./rewrite.js')
const { UsageError } = require('./say.js')

module.exports = {
  usage: 'redact IN -o OUT [--json]',
  summary: 'takes the contents of strings out of a heap snapshot',
  details: `Reads .heapsnapshot, .heapsnapshot.zst, .heapsnapshot.gz and .lhgraph; writes .heapsnapshot, or .heapsnapshot.zst or .lhgraph where OUT is called so. Each string
becomes its length and a hash; names of classes, functions, scripts and of properties in the source stay. Hashes of two runs
do not compare. An existing file is never overwritten.`,
  options,
  run(values, positionals) {
    if (/\.gz$/i.test(values.output ?? '')) throw new UsageError(`cannot write '${values.output}': expected a name that ends with .heapsnapshot, .zst or .lhgraph`)
    return rewrite(this, native().redact, values, positionals)
  },
}
