'use strict'
// An app that opens files until it may open no more.
const fs = require('node:fs')
const { serve } = require('./app.js')

const open = []

serve(() => ({
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
