'use strict'
// Intl objects, which have memory of ICU's behind them, with what their bound functions and results hold.
const { many } = require('./many.js')

class PlantedLocale {
  constructor(number) {
    const tag = ['de', 'en', 'fr', 'ja'][number % 4]
    this.number = new Intl.NumberFormat(tag, { style: 'currency', currency: 'EUR' })
    this.date = new Intl.DateTimeFormat(tag)
    this.format = this.number.format
    this.parts = this.number.formatToParts(number)
  }
}

module.exports = async () => ({
  locales: many(100, (number) => new PlantedLocale(number)),
  collators: many(50, () => new Intl.Collator('de')),
  compare: many(50, () => new Intl.Collator('de').compare),
  plurals: many(50, () => new Intl.PluralRules('en')),
  relative: many(50, () => new Intl.RelativeTimeFormat('en')),
  lists: many(50, () => new Intl.ListFormat('en')),
  names: many(20, () => new Intl.DisplayNames('en', { type: 'region' })),
  tags: many(50, () => new Intl.Locale('de-AT')),
  segmenters: many(20, () => new Intl.Segmenter('en', { granularity: 'word' })),
  segments: many(20, () => new Intl.Segmenter('en').segment('some words')[Symbol.iterator]()),
  options: many(20, () => new Intl.NumberFormat('en').resolvedOptions()),
})
