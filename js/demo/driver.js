'use strict'
// `leakhunt demo`: an API that keeps a record of every request, found out under load; then the repaired one under the same
// load, which must be acquitted; then what the repair cost.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { analyze } = require('../analyze.js')
const { native } = require('../native.js')
const { look } = require('../cli/say.js')
const { load, loadAutocannon } = require('./load.js')
const { DemoServer } = require('./server.js')
const { checkGrowing, checkLeak, checkNoLeak, checkNothingGrows, compare } = require('./judge.js')
const { Teller } = require('./teller.js')
const { Watch, describe } = require('./watch.js')

const WARM_UP = 2_000
const SESSION = 20_000
const COMPARED = 10_000
/** As many as it takes to tell growth from chance, and one more; and the load in portions until there were so many. */
const CENSUSES = 9
const PORTION = 4_000
const MOST_PORTIONS = 20
const SESSIONS = ['first', 'second']
const MB = 1e6

const OPTIONS = {
  intervalMs: 50,
  // Three times what either server uses when it is warm and sound.
  // One snapshot in each session: the second one when the heap has nearly doubled; a collection does not re-arm it.
  thresholds: { heapUsedBytes: 15 * MB, samples: 3, hysteresisPercent: 60, stepPercent: 80 },
  limits: { cooldownMs: 0, maxCount: 10 },
  // What is to be seen here are snapshots at a threshold, and the censuses beside them; a hunt by itself would take others.
  hunt: false,
  growth: false,
  census: { everyMs: 1000 },
  // There are two cores, a load generator and perhaps other work: a polite child would be last in line for minutes.
  capture: { nice: 0 },
}

/** How long a threshold may take to be noticed and acted upon once the load is over: its samples, and some air. */
const NOTICE_MS = 1000

async function session(server, watch, name, teller) {
  await load(server.url, SESSION, teller.progress(`${name} session of load`, SESSION))
  await watch.quiet(NOTICE_MS)
  const { snapshots, crossings } = watch.take()
  if (snapshots.length > 0) return snapshots
  teller.line(`${crossings === 0 ? 'no threshold was crossed' : 'no automatic snapshot came of it'}: asking for one by code`)
  const details = await server.ask('snapshot', { reason: `after the ${name} session` })
  teller.line(describe(details))
  return [details]
}

/** Goes on with the load until classes were counted often enough. */
async function countClasses(server, watch, teller) {
  for (let portions = 0; watch.censuses < CENSUSES && portions < MOST_PORTIONS; portions++) {
    await load(server.url, PORTION, teller.progress('load while classes are counted', PORTION))
  }
}

/** One server from its start to its verdict. */
async function act(name, folder, teller, onStart) {
  const dir = path.join(folder, name)
  fs.mkdirSync(dir)
  const server = await DemoServer.start(name, { ...OPTIONS, dir }, folder)
  onStart(server)
  server.on('trouble', ({ message }) => teller.line(message))
  const watch = new Watch(server, dir, teller)
  try {
    teller.line(`${name}/server.js listens on ${server.url}`)
    await load(server.url, WARM_UP, teller.progress('warming up', WARM_UP))
    const baseline = await server.ask('snapshot', { reason: 'baseline' })
    teller.line(`baseline ${describe(baseline)}`)
    const snapshots = [baseline]
    for (const each of SESSIONS) snapshots.push(...(await session(server, watch, each, teller)))
    await countClasses(server, watch, teller)
    const { growing } = watch
    const latency = await load(server.url, COMPARED, teller.progress('load for the comparison, with a census each second and no snapshot', COMPARED))
    const memory = await server.ask('memory')
    const verdict = await analyze(snapshots.map((snapshot) => snapshot.path))
    return { verdict, growing, latency, memory, longestPauseMs: Math.max(...snapshots.map((snapshot) => snapshot.pauseMs)) }
  } finally {
    await server.stop()
  }
}

async function play(folder, kept, onStart) {
  const teller = new Teller()
  const { columns, color } = look(process.stdout)
  const show = (verdict) => teller.block(native().verdictText(JSON.stringify(verdict), columns, color))

  teller.title('1. An API that keeps a record of every request in memory')
  const leaking = await act('leaking', folder, teller, onStart)
  show(leaking.verdict)
  const found = [...checkLeak(leaking.verdict), ...checkGrowing(leaking.growing)]
  teller.checks(found)

  teller.title('2. The same API, repaired: records go to a file')
  const repaired = await act('repaired', folder, teller, onStart)
  show(repaired.verdict)
  const acquitted = [...checkNoLeak(repaired.verdict), ...checkNothingGrows(repaired.growing)]
  teller.checks(acquitted)

  teller.title(`3. Side by side: ${COMPARED} requests over ten connections`)
  teller.block(compare(leaking, repaired))
  teller.note(kept ? `the snapshots are in ${folder}` : 'the snapshots are removed now; `leakhunt demo --keep DIR` leaves them in DIR')
  return [...found, ...acquitted].every(({ right }) => right) ? 0 : 1
}

async function demo({ keep }) {
  loadAutocannon()
  const folder = keep === undefined ? fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-demo-')) : path.resolve(keep)
  if (keep !== undefined) fs.mkdirSync(folder, { recursive: true })
  const servers = new Set()
  const cleanUp = () => {
    for (const server of servers) server.kill()
    if (keep === undefined) fs.rmSync(folder, { recursive: true, force: true })
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const interrupted = async (signal) => {
    // The polite way first, so that the recorder ends a capture that is under way.
    await Promise.all([...servers].map((server) => server.stop()))
    cleanUp()
    process.exit(128 + os.constants.signals[signal])
  }
  for (const signal of signals) process.once(signal, interrupted)
  try {
    return await play(folder, keep !== undefined, (server) => servers.add(server))
  } finally {
    for (const signal of signals) process.off(signal, interrupted)
    cleanUp()
  }
}

module.exports = { demo }
