'use strict'
// Text that others may have chosen (file names, settings, names in a heap) on its way to a terminal: what would move the cursor, colour the line,
// turn its direction or hide is shown as its number.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** The same text with nothing in it that a terminal acts upon. */
const visible = (text) => String(text).replace(INVISIBLE, (char) => `\\u{${char.codePointAt(0).toString(16)}}`)

/** The same as one line: line ends become spaces. */
const oneLine = (text) => visible(String(text).replace(/\s*\n\s*/g, ' ').trim())

module.exports = { visible, oneLine }
