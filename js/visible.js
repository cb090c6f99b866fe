'use strict'
// Text that others may have chosen (file names, settings, names in a heap) on its way to a terminal: what would move the cursor, colour the line,
// turn its direction or hide is shown as its number.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}\u2800]/gu

/** The same text with nothing in it that a terminal acts upon. */
const visible = (text) => String(text).replace(INVISIBLE, (char) => `\\u{${char.codePointAt(0).toString(16)}}`)

/** The same as one line: line ends become spaces. */
const oneLine = (text) => visible(String(text).replace(/\s*\n\s*/g, ' ').trim())

/**
 * The same document, for a terminal as well: JSON escapes the first 32 characters and leaves the rest. `json` is on one line, as all of ours, so that whatever is to
 * be hidden stands inside a string. Of the text and not of the value: numbers beyond 2^53 keep their digits.
 */
const visibleJson = (json) => json.trimEnd().replace(INVISIBLE, (char) => char.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`))

module.exports = { visible, oneLine, visibleJson }
