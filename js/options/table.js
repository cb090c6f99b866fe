'use strict'
// Every option, once: what it may be, what it is when nobody says, and its name in the environment (LEAKHUNT_<env>) and on
// the command line of `leakhunt run` (--<env in lower case, with dashes>). Code, checks, help and tests all read this table.

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
const MiB = 1024 * 1024
const GiB = 1024 * MiB

const METRICS = ['heapUsed', 'rss', 'external', 'liveSetGrowth']
const MODES = ['fork', 'inline', 'off']
const FORMATS = ['heapsnapshot', 'lhgraph']

const integer = (min, max, unit) => ({ type: 'integer', min, max, unit })
const number = (min, max, unit) => ({ type: 'number', min, max, unit })
const bytes = (min = 0, max = Number.MAX_SAFE_INTEGER) => integer(min, max, 'bytes')
const percent = number(0.1, 100, 'per cent')
const choice = (...values) => ({ type: 'choice', values })

/** How long a value must hold and how it re-arms; the same for `thresholds` and for each of `rules`. */
const held = {
  samples: { ...integer(1, 10_000, 'samples'), default: 3 },
  hysteresisPercent: { ...number(0, 100, 'per cent'), default: 10 },
  stepPercent: { ...number(0, 10_000, 'per cent'), default: 10 },
}

/** The fields of one entry of `rules`. */
const RULE = {
  metric: choice(...METRICS),
  aboveBytes: bytes(1),
  abovePercent: percent,
  ...held,
}

const OPTIONS = {
  dir: { type: 'path', of: 'a directory', env: 'DIR', help: 'where snapshots go' },
  intervalMs: { ...integer(10, 3_600_000, 'milliseconds'), default: 1000, env: 'INTERVAL_MS', help: 'time between samples' },
  'thresholds.heapUsedBytes': { ...bytes(1), env: 'HEAP_USED_BYTES', help: 'snapshot when this much of the V8 heap is used' },
  'thresholds.heapUsedPercent': { ...percent, env: 'HEAP_USED_PERCENT', help: 'the same, of the heap limit' },
  'thresholds.rssBytes': { ...bytes(1), env: 'RSS_BYTES', help: 'snapshot when the resident set is this large' },
  'thresholds.rssPercent': { ...percent, env: 'RSS_PERCENT', help: "the same, of the cgroup's limit" },
  'thresholds.externalBytes': { ...bytes(1), env: 'EXTERNAL_BYTES', help: 'snapshot when this much external memory is held' },
  'thresholds.liveSetGrowthBytes': {
    ...bytes(1),
    env: 'LIVE_SET_GROWTH_BYTES',
    help: 'snapshot when the heap left after a full GC has grown by this much',
  },
  'thresholds.samples': { ...held.samples, env: 'SAMPLES', help: 'samples in a row that a threshold must hold' },
  'thresholds.hysteresisPercent': {
    ...held.hysteresisPercent,
    env: 'HYSTERESIS_PERCENT',
    help: 'a threshold re-arms when the value has fallen this far below it',
  },
  'thresholds.stepPercent': {
    ...held.stepPercent,
    env: 'STEP_PERCENT',
    help: 'or when the value has grown this far beyond where it last fired',
  },
  rules: { type: 'rules' },
  growth: { type: 'boolean', env: 'GROWTH', help: 'snapshot when the live set grows significantly (on unless thresholds are given)' },
  'hunt.enabled': {
    type: 'boolean',
    env: 'HUNT',
    help: 'when the live set grows, take three snapshots and analyse them, unattended (on unless thresholds are given)',
  },
  'hunt.patienceMs': {
    ...integer(1000, 365 * DAY_MS, 'milliseconds'),
    default: 6 * HOUR_MS,
    env: 'HUNT_PATIENCE_MS',
    help: 'growth that stands still for so long ends a hunt',
  },
  'hunt.restMs': {
    ...integer(0, 365 * DAY_MS, 'milliseconds'),
    default: HOUR_MS,
    env: 'HUNT_REST_MS',
    help: 'time after a hunt before the next one may begin',
  },
  'hunt.deadlineMs': {
    ...integer(1000, DAY_MS, 'milliseconds'),
    default: 600_000,
    env: 'HUNT_DEADLINE_MS',
    help: 'an analysis that takes longer is ended',
  },
  'hunt.maxMemoryBytes': { ...bytes(1), env: 'HUNT_MAX_MEMORY_BYTES', help: 'the most memory that the analysis may take' },
  'hunt.known': { type: 'path', of: 'a file', env: 'HUNT_KNOWN', help: 'a file with leaks that are accepted, and not told of' },
  'census.everyMs': {
    ...integer(1000, 365 * DAY_MS, 'milliseconds'),
    env: 'CENSUS_EVERY_MS',
    help: 'count all objects by class this often, in a forked child (off unless given)',
  },
  'census.keep': { ...integer(2, 1_000_000, 'censuses'), default: 500, env: 'CENSUS_KEEP', help: 'censuses of a thread that stay on disk, at least' },
  'census.maxClasses': {
    ...integer(1, 100_000, 'classes'),
    default: 500,
    env: 'CENSUS_MAX_CLASSES',
    help: 'classes that are told one by one, the others together',
  },
  'limits.maxCount': { ...integer(0, 1_000_000, 'snapshots'), default: 5, env: 'MAX_COUNT', help: 'automatic snapshots in one window' },
  'limits.windowMs': { ...integer(0, 365 * DAY_MS, 'milliseconds'), default: DAY_MS, env: 'WINDOW_MS', help: 'length of that window' },
  'limits.cooldownMs': {
    ...integer(0, 365 * DAY_MS, 'milliseconds'),
    default: 60_000,
    env: 'COOLDOWN_MS',
    help: 'time between two automatic snapshots',
  },
  'limits.maxTotalBytes': { ...bytes(), default: 2 * GiB, env: 'MAX_TOTAL_BYTES', help: 'all automatic snapshots in the directory together' },
  'limits.minFreeDiskBytes': { ...bytes(), default: 512 * MiB, env: 'MIN_FREE_DISK_BYTES', help: 'disk that must stay free' },
  'capture.mode': { ...choice(...MODES), default: 'fork', env: 'CAPTURE_MODE', help: 'how a snapshot is taken' },
  'capture.engine': {
    ...choice('auto', 'pages', 'v8'),
    default: 'auto',
    env: 'CAPTURE_ENGINE',
    help: "who makes it in a forked child: leakhunt from the heap's pages, V8's generator, or whichever is proven",
  },
  'capture.format': { ...choice(...FORMATS), default: 'heapsnapshot', env: 'CAPTURE_FORMAT', help: "how it is written: 'lhgraph' is smaller and read faster, and is for snapshots from pages" },
  'capture.deadlineMs': {
    ...integer(1000, DAY_MS, 'milliseconds'),
    default: 600_000,
    env: 'CAPTURE_DEADLINE_MS',
    help: 'a capture that takes longer is given up',
  },
  'capture.attempts': { ...integer(1, 1000, 'attempts'), default: 10, env: 'CAPTURE_ATTEMPTS', help: 'forks tried for one snapshot' },
  'capture.nice': { ...integer(0, 19, 'nice'), default: 19, env: 'CAPTURE_NICE', help: 'CPU priority of the capturing child' },
  'capture.zstdLevel': { ...integer(1, 19, 'level'), default: 1, env: 'CAPTURE_ZSTD_LEVEL', help: 'compression of the file' },
  'capture.maxMemoryBytes': { ...bytes(1), env: 'CAPTURE_MAX_MEMORY_BYTES', help: 'the most memory that the capturing child may take of its own' },
  'capture.reserveBytes': { ...bytes(), env: 'CAPTURE_RESERVE_BYTES', help: 'kept for the app of each memory limit while a capture is under way' },
  'capture.nearHeapLimit': {
    type: 'boolean',
    default: true,
    env: 'CAPTURE_NEAR_HEAP_LIMIT',
    help: 'snapshot when the heap is at its limit, before V8 ends the process',
  },
  'capture.headroomBytes': {
    ...bytes(16 * MiB, 4 * GiB),
    default: 64 * MiB,
    env: 'CAPTURE_HEADROOM_BYTES',
    help: 'how far the heap limit is raised for that, once',
  },
  'retention.maxCount': {
    ...integer(1, 1_000_000, 'snapshots'),
    default: 10,
    env: 'RETENTION_MAX_COUNT',
    help: 'automatic snapshots that are kept',
  },
  'retention.maxTotalBytes': { ...bytes(), default: GiB, env: 'RETENTION_MAX_TOTAL_BYTES', help: 'what they may take on disk, together' },
  'retention.maxAgeMs': {
    ...integer(0, Number.MAX_SAFE_INTEGER, 'milliseconds'),
    default: 30 * DAY_MS,
    env: 'RETENTION_MAX_AGE_MS',
    help: 'how old they may become',
  },
  'deliver.command': { type: 'command', env: 'DELIVER', help: 'run with each finished file: ["program","argument"]' },
  'deliver.handler': { type: 'function' },
  'deliver.attempts': { ...integer(1, 100, 'attempts'), default: 3, env: 'DELIVER_ATTEMPTS', help: 'how often it is tried for one file' },
  'deliver.timeoutMs': {
    ...integer(10, DAY_MS, 'milliseconds'),
    default: 60_000,
    env: 'DELIVER_TIMEOUT_MS',
    help: 'one attempt that takes longer is ended',
  },
  control: {
    type: 'boolean',
    default: true,
    env: 'CONTROL',
    help: 'answer `leakhunt ps`, `snapshot PID` and `census PID` on a Unix socket in the directory',
  },
  labels: { type: 'labels', env: 'LABELS', help: 'written into every file: name=value,name=value' },
  redact: { type: 'boolean', default: true, env: 'REDACT', help: 'take the contents of strings out of snapshots' },
}

/** Not options of start() but known in the environment: switches, and what the preload reads. */
const SWITCHES = ['NATIVE', 'NO_SNAPSHOTS', 'WORKERS']

const GROUPS = ['thresholds', 'hunt', 'census', 'limits', 'capture', 'retention', 'deliver']

module.exports = { OPTIONS, RULE, SWITCHES, GROUPS, FORMATS }
