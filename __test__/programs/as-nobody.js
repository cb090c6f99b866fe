'use strict'
// `leakhunt` as another user, for whom this folder may be closed: all that it needs is loaded before.
const NOBODY = 65534
for (const module of ['running', 'ps', 'census', 'snapshot', 'say']) require(`../../js/cli/${module}.js`)
require('../../js/native.js').native()
require('../../js/cli/help.js')
process.setgroups([])
process.setgid(NOBODY)
process.setuid(NOBODY)
require('../../js/cli.js')
