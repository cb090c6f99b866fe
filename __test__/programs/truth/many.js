'use strict'
// An array of things made by number: what most programs here plant.
const many = (count, make) => Array.from({ length: count }, (_, number) => make(number))

/** A module of the corpus' own packages, which are installed for the programs there. */
const fromCorpus = (name) => require(require.resolve(name, { paths: [require('node:path').join(__dirname, '..', 'corpus')] }))

module.exports = { many, fromCorpus }
