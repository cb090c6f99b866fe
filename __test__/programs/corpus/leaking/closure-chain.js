'use strict'
// Each configuration remembers the one before it without meaning to: a function that nobody calls refers to it, and shares its
// scope with one that is kept.
let current = null

class Configuration {
  constructor(text) {
    this.text = text
  }
}

function reload(number) { // the leak
  const previous = current
  const isNewer = () => previous !== null && previous.text.length < number
  current = new Configuration(`configuration ${number} `.repeat(4))
  current.describe = function describe() { // the leak
    return `number ${number}`
  }
  return isNewer
}

function round(number) {
  for (let i = 0; i < 300; i++) reload(number * 300 + i)
}

module.exports = {
  leaks: { cause: 'closure', class: ['Configuration', 'function describe'], holder: ['current', 'previous', 'describe'] },
  miss: 'a configuration and its function hold each other in turn, and the one with a class is told as the cause',
  round,
}
