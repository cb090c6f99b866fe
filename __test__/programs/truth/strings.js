'use strict'
// Strings as V8 keeps them: flat, put together, cut out, thin, internalized, outside of the heap, of one and of two bytes, and boxed.
const fs = require('node:fs')
const { many } = require('./many.js')

class PlantedText {
  constructor(text) {
    this.text = text
  }
}

module.exports = async () => {
  const long = 'the quick brown fox jumps over the lazy dog, '
  const thin = many(300, (number) => {
    const text = `a key that becomes ${number} an internalized one`
    const object = { [text]: { number } }
    return { text, object }
  })
  const flattened = many(200, (number) => {
    const text = long + number + long
    text.charCodeAt(50)
    return text
  })
  return {
    thin, flattened,
    flat: many(1000, (number) => new PlantedText(String(number).repeat(20))),
    concatenated: many(1000, (number) => new PlantedText(long + number + long)),
    deep: many(50, (number) => new PlantedText(many(100, (at) => `${at}-${number}-part`).reduce((text, part) => text + part))),
    sliced: many(1000, (number) => new PlantedText(`${number}${long}`.repeat(3).slice(5, 60))),
    parents: many(100, (number) => new PlantedText(`${long.repeat(2000)}${number}`.slice(100, 120))),
    twoByte: many(500, (number) => new PlantedText(`ключ € ${number}`.repeat(5))),
    external: many(50, (number) => new PlantedText(Buffer.alloc(1_200_000, 65 + (number % 26)).toString('latin1'))),
    externalTwoByte: many(10, (number) => new PlantedText(Buffer.alloc(1_200_000, 65 + number).toString('utf16le'))),
    read: fs.readFileSync(__filename, 'utf8'),
    split: fs.readFileSync(__filename, 'utf8').split('\n'),
    parsed: JSON.parse(`["${long}", "${'x'.repeat(5000)}", "ключ"]`),
    boxed: many(300, (number) => Object(`boxed ${number}`)),
    numbers: many(300, (number) => [String(number), (number / 7).toString(), number.toString(36)]),
    templates: many(100, () => ((strings) => strings)`one${1}two`),
    characters: [...'abcdefgé世'],
    symbols: many(300, (number) => Symbol(`described ${number}`)),
  }
}
