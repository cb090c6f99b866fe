'use strict'
// Words of a text, each kept once. There are many texts and the words are always the same few thousand, the common ones first.
const words = new Map()

function intern(word) {
  const known = words.get(word)
  if (known !== undefined) return known
  words.set(word, word)
  return word
}

const VOCABULARY = 3000

function round(number) {
  let seed = number + 1
  let length = 0
  for (let i = 0; i < 60_000; i++) {
    seed = (seed * 48271) % 2147483647
    length += intern(`word ${Math.floor(VOCABULARY * (seed / 2147483647) ** 2)}`).length
  }
  return length
}

module.exports = { round }
