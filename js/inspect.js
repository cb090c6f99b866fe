'use strict'
// A snapshot held open in native memory: questions in, documents out.
const { fileURLToPath } = require('node:url')
const { checkOptions, withSignal } = require('./analyze.js')
const { check, isRecord, wrongType } = require('./options/check.js')
const { native } = require('./native.js')

class Inspection {
  #native
  #file

  constructor(opened, file) {
    this.#native = opened
    this.#file = file
  }

  get file() {
    return this.#file
  }

  async ask(question, options = {}) {
    if (!isRecord(question)) throw wrongType('question', 'an object', question)
    const { signal } = checkOptions(options, ['signal'])
    return JSON.parse(await withSignal(signal, (own) => this.#native.ask(JSON.stringify(question).toWellFormed(), own)))
  }

  close() {
    this.#native.close()
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.close()
  }
}

async function inspect(file, options = {}) {
  const path = file instanceof URL ? fileURLToPath(file) : check('file', { type: 'path', of: 'a file' }, file)
  const { signal, onProgress, sourceMaps } = checkOptions(options)
  return new Inspection(await withSignal(signal, (own) => native().inspect(path, sourceMaps, onProgress, own)), path)
}

module.exports = { inspect, Inspection }
