'use strict'
// An app that opens files until it may open no more.
const fs = require('node:fs')
const { once } = require('node:events')
const { serve } = require('./app.js')

const open = []

serve(({ hunt }) => ({
  /** A sample taken from now on. */
  sample: async () => (await once(hunt, 'sample'))[0],
  openAll() {
    try {
      for (;;) open.push(fs.openSync('/dev/null'))
    } catch (error) {
      if (error.code !== 'EMFILE') throw error
    }
    return open.length
  },
  closeAll() {
    for (const descriptor of open.splice(0)) fs.closeSync(descriptor)
  },
}))
