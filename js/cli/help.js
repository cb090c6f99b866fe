'use strict'
// The words of `leakhunt help`, from what each verb says of itself.

const MIN_WIDTH = 14

/** Two columns, the left one as wide as it must be. */
function table(rows) {
  const width = Math.max(MIN_WIDTH, ...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}

const overview = (verbs) => `leakhunt: a flight recorder and leak hunter for Node.js

usage: leakhunt <verb> [options]

${table(verbs.map(([name, { summary }]) => [name, summary]))}
  leakhunt help <verb> tells more; --version prints the version.
  Exit code: 0 fine, 1 a leak was found, 2 it could not be done (one line on stderr says why).
`

const optionRow = ([name, { type, value, help: text }]) => [type === 'boolean' ? `--${name}` : `--${name} ${value}`, text]

const help = (name, { usage, summary, details = '', options = {} }) => `usage: leakhunt ${usage}

${summary}
${details && `\n${details}\n`}${Object.keys(options).length > 0 ? `\n${table(Object.entries(options).map(optionRow))}` : ''}`

module.exports = { overview, help, usage: 'help [verb]', summary: 'tells about a verb' }
