// What a TypeScript user writes, by import. Checked by tsc, never run; `@ts-expect-error` fails where nothing is wrong.
import leakhunt, { start, heapStats, analyze, capabilities, VERSION, type Verdict } from 'leakhunt'

using hunt = start({
  dir: '/var/tmp',
  intervalMs: 500,
  thresholds: { heapUsedBytes: 2 ** 28, rssPercent: 90, samples: 5 },
  rules: [{ metric: 'external', aboveBytes: 2 ** 30 }],
  limits: { maxCount: 5 },
  capture: { mode: 'fork', nice: 10 },
  control: false,
  labels: { service: 'orders' },
  retention: { maxCount: 4 },
  deliver: async ({ path, signal }) => signal.aborted || path,
})
start({ hunt: { patienceMs: 60_000, maxMemoryBytes: 2 ** 30 } })
start({ hunt: false })
start({ deliver: { command: ['cp', '-t', '/mnt'], attempts: 2 } })

hunt.on('sample', ({ heapUsedBytes, cgroupLimitBytes }) => {
  const share: number | null = cgroupLimitBytes === null ? null : heapUsedBytes / cgroupLimitBytes
  return share
})
hunt.on('gc', ({ kind, durationMs }) => kind === 'scavenge' && durationMs > 1)
hunt.once('snapshot', ({ path, pauseMs }) => `${path} ${pauseMs.toFixed(1)}`)
hunt.on('leak', ({ summary, path, verdict }) => `${summary} ${path.length} ${verdict.suspects[0]?.class}`)
hunt.on('stood-down', ({ reason, verdict }) => reason === 'known' && verdict?.summary)
hunt.on('error', (error) => error.code.startsWith('ERR_LEAKHUNT_'))

const { path, pauseMs } = await hunt.snapshot({ reason: 'before the deploy' })
const both: string | null = (await hunt.snapshot({ besideV8: true, redact: true })).v8Path
// @ts-expect-error not a number
void hunt.snapshot({ besideV8: 1 })
const verdict: Verdict = await analyze([path, new URL('file:///tmp/b.heapsnapshot')], {
  sourceMaps: false,
  signal: AbortSignal.timeout(60_000),
  onProgress: ({ file, done, total }) => `${file} ${done / total}`,
})
const place: string | undefined = verdict.suspects[0]?.location?.script
const used: number = leakhunt.heapStats().heapUsedBytes + heapStats().spaces.length
const fork: boolean = capabilities().fork.available

// @ts-expect-error an unknown option
start({ interval: 5 })
// @ts-expect-error no option of a hunt
start({ hunt: { patience: 5 } })
// @ts-expect-error not a mode
start({ capture: { mode: 'thread' } })
// @ts-expect-error a command and a function
start({ deliver: { command: ['cp'], handler() {} } })
// @ts-expect-error a switch is no path
start({ control: '/run/leakhunt.sock' })
// @ts-expect-error an unknown event
hunt.on('leakk', () => {})

export { VERSION, place, used, fork, pauseMs, both }

const inspection = await leakhunt.inspect(new URL('file:///a.heapsnapshot'), { onProgress: ({ done }) => done })
const { question, rows } = await inspection.ask({ question: 'classes', filter: 'session', sort: 'count', limit: 5 })
const shown: unknown[] = [question, rows, await inspection.ask({ question: 'show', object: '@5' })]
// @ts-expect-error: a misspelt question
void inspection.ask({ question: 'clases', shown })
inspection.close()
