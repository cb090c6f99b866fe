'use strict'
// The platform's own events: a settings object tells whoever asks about changes; each widget asks, and none ever leaves.
class Settings extends EventTarget {
  change(theme) {
    this.theme = theme
    this.dispatchEvent(new Event('change'))
  }
}

const settings = new Settings()

class Widget {
  constructor(id) {
    this.id = id
    this.style = { theme: 'light', width: id % 100 }
  }

  mount() {
    settings.addEventListener('change', () => this.paint()) // the leak
  }

  paint() {
    this.style.theme = settings.theme
  }
}

function setup() {
  require('node:events').setMaxListeners(0, settings)
}

function round(number) {
  for (let i = 0; i < 200; i++) new Widget(number * 200 + i).mount()
  settings.change(`theme ${number}`)
}

module.exports = { leaks: { cause: 'listener', class: 'Widget', holder: 'settings' }, setup, round }
