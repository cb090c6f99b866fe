'use strict'
// An app that was started as root and is nobody from its first lines on, as servers are that open a low port first. Then the kernel gives its files in /proc to root.
const NOBODY = 65534
if (process.getuid() === 0) {
  process.setgroups([])
  process.setgid(NOBODY)
  process.setuid(NOBODY)
}
require('./app.js').serve()
