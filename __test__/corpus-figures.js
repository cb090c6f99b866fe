'use strict'
// What the corpus says about leakhunt: a row for each program, the totals, and whether stated confidence means anything.
const { isTheLeak } = require('./corpus.js')

const WIDTHS = [28, 13, 5, 6, 7, 5]
const cells = (list) => `${list.map((cell, i) => String(cell).padEnd(WIDTHS[i] ?? 0)).join(' ')}`.trimEnd()
const HEAD = `${cells(['program', 'answer', 'rank', 'cause', 'holder', 'line', ''])}\n`
const mark = (value) => (value === null ? '' : value ? 'right' : 'WRONG')

function row({ name, said, right, rank, cause, holder, line, verdict }) {
  const why = right ? '' : `WRONG: ${verdict.summary}`
  return `${cells([name, said, rank ?? '', mark(cause), mark(holder), mark(line), why])}\n`
}

const share = (part, whole) => (whole === 0 ? 'none' : `${(part / whole).toFixed(2)} (${part} of ${whole})`)

/** Is an answer all right, but for what the program itself explains? An explanation of what is no miss is a lie. */
const isAsPromised = ({ right, cause, holder, line, miss }) => [right, cause, holder, line].includes(false) === (miss !== null)

function totals(outcomes) {
  const leaking = outcomes.filter(({ leaks }) => leaks !== null)
  const healthy = outcomes.filter(({ leaks }) => leaks === null)
  const accused = outcomes.filter(({ said }) => said === 'leak')
  const count = (list, holds) => list.filter(holds).length
  const found = leaking.filter(({ said, rank }) => said === 'leak' && rank !== null)
  const lines = [
    ['precision', share(count(accused, ({ leaks }) => leaks !== null), accused.length)],
    ['recall', share(found.length, leaking.length)],
    ['true cause first', share(count(found, ({ rank }) => rank === 1), found.length)],
    ...['cause', 'holder', 'line'].map((what) => [`${what} right`, share(count(found, (one) => one[what]), found.length)]),
    ['healthy and acquitted', share(count(healthy, ({ said }) => said === 'no-leak'), healthy.length)],
  ]
  const misses = outcomes.filter(({ right, cause, holder, line }) => [right, cause, holder, line].includes(false))
  const text = [
    '',
    ...lines.map(([what, value]) => `${what.padEnd(24)}${value}`),
    ...misses.map(({ name, node, miss }) => `miss: ${name} on Node ${node}: ${miss ?? 'not explained'}`),
  ]
  const broken = outcomes.filter((one) => !isAsPromised(one))
  for (const { name, node, miss } of broken) if (miss !== null) text.push(`no miss any more: ${name} on Node ${node}`)
  return { text: `${text.join('\n')}\n`, asPromised: broken.length === 0 }
}

/** For each stated confidence, how many suspects of that confidence are the leak of their program. */
function calibration(outcomes) {
  const suspects = outcomes.flatMap((one) =>
    one.verdict.suspects.map((suspect) => ({ confidence: suspect.confidence, right: one.leaks !== null && isTheLeak(one, suspect) })),
  )
  const stated = suspects.filter(({ confidence }) => confidence !== undefined)
  if (stated.length === 0) return ''
  const classOf = ({ confidence }) => (typeof confidence === 'number' ? (Math.floor(confidence * 10) / 10).toFixed(1) : confidence)
  const lines = [...new Set(stated.map(classOf))].sort().map((name) => {
    const list = stated.filter((suspect) => classOf(suspect) === name)
    return `stated ${name}: right ${share(list.filter(({ right }) => right).length, list.length)}`
  })
  return `\nconfidence of suspects\n${lines.join('\n')}\n`
}

module.exports = { HEAD, row, totals, calibration }
