'use strict'
// Whether the demo's verdicts are the right ones, and the table that puts both servers side by side.

const check = (what, right) => ({ what, right: Boolean(right) })

/** What a right verdict on the leaking server says. */
function checkLeak({ verdict, suspects }) {
  const [first] = suspects
  return [
    check("the verdict is 'leak'", verdict === 'leak'),
    check('it names the class RequestLog', first?.class === 'RequestLog'),
    check('and the Date in each record', JSON.stringify(first ?? null).includes('Date')),
    check("and the array 'logs' that holds them", first?.holder?.name === 'logs'),
    check('and the file and line', /(^|\/)server\.js$/.test(first?.location?.script ?? '') && first.location.line > 0),
  ]
}

const checkNoLeak = ({ verdict }) => [check("the verdict is 'no-leak'", verdict === 'no-leak')]

/** Of the classes that grew from census to census while the load ran. */
const checkGrowing = (growing) => [check('a census had named the class RequestLog while the load ran', growing.includes('RequestLog'))]

const checkNothingGrows = (growing) => [check('no class grew from census to census', growing.length === 0)]

const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`
const ms = (value) => `${value.toFixed(2)} ms`

const NAME_WIDTH = 30
const WIDTH = 14

const row = (name, ...cells) => `  ${name.padEnd(NAME_WIDTH)}${cells.map((cell) => String(cell).padStart(WIDTH)).join('')}\n`

function compare(leaking, repaired) {
  const both = [leaking, repaired]
  const line = (name, read) => row(name, ...both.map(read))
  return [
    row('server', 'leaking', 'repaired'),
    line('requests a second', ({ latency }) => latency.requestsPerSecond),
    line('latency, median', ({ latency }) => ms(latency.p50Ms)),
    line('latency, 99th percentile', ({ latency }) => ms(latency.p99Ms)),
    line('live heap, first snapshot', ({ verdict }) => mb(verdict.snapshots.at(0).shallowBytes)),
    line('live heap, last snapshot', ({ verdict }) => mb(verdict.snapshots.at(-1).shallowBytes)),
    line('resident set at the end', ({ memory }) => mb(memory.rssBytes)),
    line('longest stop for a snapshot', ({ longestPauseMs }) => ms(longestPauseMs)),
  ].join('')
}

module.exports = { checkGrowing, checkLeak, checkNoLeak, checkNothingGrows, compare }
