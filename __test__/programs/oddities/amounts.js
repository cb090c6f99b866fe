'use strict'
// How much of everything there is, the same for what is odd and for what only looks so, and the texts that it is made of.

exports.MESSAGES = 100
exports.PIECES = Math.ceil((4 << 20) / Buffer.poolSize)
exports.CONTEXTS = 10
exports.COPIES = 40_000
exports.CLOSURES = 6000
exports.LINES = 20_000

/** A text in one piece that nobody else has, of more characters than V8 writes into a snapshot. */
exports.message = (i, length) => Buffer.from(`message ${i} `.padEnd(length, 'lorem ipsum ')).toString('latin1')

/** A string of its own, even where there is an equal one. */
exports.fresh = (text) => Buffer.from(text).toString('latin1')
