'use strict'
// The native addon's file, beside this one. One file serves every Node of a platform: it finds V8's functions at run time.
module.exports = `leakhunt.${process.platform}-${process.arch}.node`
