import type { EventEmitter } from 'node:events'

/**
 * leakhunt: a flight recorder and leak hunter for Node.js. Requiring it has no side effects; {@link start} begins to record.
 * Sizes are plain numbers in bytes and times in milliseconds, as their names say. Errors have a stable `code`,
 * `ERR_LEAKHUNT_*`.
 */

/** The version of this package. */
export const VERSION: string

/**
 * Starts the recorder of this thread, or returns the one that runs already (options are then not used, with one warning).
 *
 * Each option is taken from the first place that gives it: this call, the environment (`LEAKHUNT_*`), the field `leakhunt` of
 * the app's package.json, the default. With `LEAKHUNT=0` nothing is started, and the hunt returned does nothing.
 *
 * Takes a few milliseconds once, on the main thread. The recorder does not keep the process alive. A wrong option here throws
 * a TypeError or RangeError, `ERR_LEAKHUNT_INVALID_OPTION` or `ERR_LEAKHUNT_UNKNOWN_OPTION`; one in the environment or in
 * package.json is a warning. Where the native addon cannot be loaded there is a warning, and the hunt does nothing.
 */
export function start(options?: Options): Hunt

/**
 * The memory of this process in one synchronous call, some tens of microseconds: nearly all of that is reading `/proc`.
 * Throws `ERR_LEAKHUNT_ADDON` where there is no native addon.
 */
export function heapStats(): HeapStats

/**
 * What works on this Node and machine, and why not. Throws `ERR_LEAKHUNT_ADDON` where there is no native addon.
 *
 * With `prove`, a worker with a small heap is started and captured by fork, and the snapshot is looked at: about a second, of which the main thread
 * sees nothing. Where that fails, `fork.reason` says why.
 */
export function capabilities(options?: { prove?: false }): Capabilities
export function capabilities(options: { prove: boolean }): Promise<Capabilities> | Capabilities
export function capabilities(options: { prove: true }): Promise<Capabilities>

/**
 * Compares heap snapshots, oldest first, and says what leaks: `.heapsnapshot`, `.heapsnapshot.zst`, `.heapsnapshot.gz` or `.lhgraph`.
 * Works on threads of its own; the main thread only hears of progress. Rejects with `ERR_LEAKHUNT_SNAPSHOT_*` where a file
 * cannot be read, with `ERR_LEAKHUNT_INVALID_OPTION` where one is given twice, and with the signal's reason when it is aborted.
 */
export function analyze(files: ReadonlyArray<string | URL>, options?: AnalyzeOptions): Promise<Verdict>

/** A recorder. Made by {@link start}. */
export class Hunt extends EventEmitter {
  private constructor()

  /** Whether it records: false when switched off, when the addon is missing, and after `stop()`. */
  readonly active: boolean

  /**
   * Takes a heap snapshot. In the `fork` mode the main thread stands still for tens of milliseconds (`pauseMs` has the
   * figure); all else happens in a child process. The promise keeps the process alive until it is settled.
   *
   * Rejects with a code that says why there is none: `ERR_LEAKHUNT_CAPTURE_OFF`, `_CAPTURE_BUSY`, `_CAPTURE_UNSUPPORTED`,
   * `_FORMAT_UNSUPPORTED`, `_CAPTURE_FAILED`, `_CAPTURE_DEADLINE`, `_NO_ROOM`, `_LIMITED`, `_CRASH_LOOP`, `_FAULT`, `_JOURNAL`, `_FORK_HANDLER`, `_NOT_QUIET`, `_THREAD_BUSY`,
   * `_FORK_FAILED`, `_DIR_UNWRITABLE`, `_DISK_FULL`, `_REDACTION_FAILED`, `_STOPPED`, `_DISABLED` or `_ADDON`, each with `ERR_LEAKHUNT` before it.
   *
   * The contents of the app's strings are taken out, unless `redact` is false.
   */
  snapshot(request?: SnapshotRequest): Promise<SnapshotDetails>

  /**
   * Counts every object on the heap by its class, in a forked child that collects garbage and then reads its copy of the heap's pages, without a snapshot.
   * The main thread stands still for the fork (`pauseMs`: 40 to 140 ms were measured for a gigabyte). The child needs a few seconds for a gigabyte, nearly all of it for the
   * collection, and as much memory as that writes to: a tenth to a quarter of a dense heap, as much as all of one that V8 compacts.
   *
   * Rejects with the codes of `snapshot()`, and with `ERR_LEAKHUNT_PAGES_UNSUPPORTED` where this Node does not tell the layout of its heap (all stock ones from
   * 20 to 26 do) or what was found is not what V8 has in use; the message says what. `capture.mode` `'off'` switches it off; with `'inline'` it is forked as well.
   */
  census(request?: CensusRequest): Promise<Census>

  /** Ends the recording, a capture that is under way, and the background thread. May be called again. */
  stop(): void

  [Symbol.dispose](): void

  on<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): this
  addListener<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): this
  prependListener<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): this
  once<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): this
  off<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): this
  removeListener<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): this
}

/** The events of a hunt. Each is also published on the `node:diagnostics_channel` named `leakhunt:<event>`. */
export interface Events {
  /** Every `intervalMs`. */
  sample: [Sample]
  /** Once for each collection of every kind, in order. Sent only while somebody listens. */
  gc: [Gc]
  /** A threshold has been held for its number of samples. */
  threshold: [Crossing]
  /** The heap was at its limit, and V8 asked before giving up. Told when JavaScript gets to run again, which may be never. */
  'near-limit': [NearLimit]
  /** A snapshot has been written, automatically or for `leakhunt snapshot PID` (`id` is null), or because `snapshot()` was called. */
  snapshot: [SnapshotDetails]
  /** Objects have been counted because `census()` was called, or at an interval or for `leakhunt census PID` (`id` is null). Sent only while somebody listens, or awaits it. */
  census: [Census]
  /** A snapshot or a census was not taken, and why. Where nobody listens, an automatic one is a process warning, once for each code. */
  skipped: [Skipped]
  /** An unattended hunt has found a leak. The same leak, by its fingerprint, is told once a day for each directory. Without a listener it is one process warning. */
  leak: [LeakFound]
  /** An unattended hunt has ended without a leak to tell of, and why. */
  'stood-down': [StoodDown]
  /** Something went wrong that nobody had asked for. Without a listener it is one process warning, never an exception. */
  error: [Error & { code: string; figures: Skipped['figures'] }]
}

export interface Options {
  /**
   * Where snapshots go; made if missing.
   * @default Node's `--diagnostic-dir`, else `leakhunt` in the working directory, else the system's temporary directory
   */
  dir?: string
  /** Time between two samples, 10 to 3,600,000 ms. @default 1000 */
  intervalMs?: number
  /**
   * When to take a snapshot by itself. Where neither `thresholds` nor `rules` say, it is when 85 per cent of the heap limit
   * or of the cgroup's limit are in use for three samples.
   */
  thresholds?: Thresholds
  /** The long form of `thresholds`; both count. */
  rules?: Rule[]
  /** Take a snapshot as well when the live set grows significantly. @default true, but false with `thresholds` or `rules` */
  growth?: boolean
  /**
   * Hunt unattended: when the live set grows significantly, take a snapshot, a second after significant growth, a third after as much again, analyse them in
   * a process of its own, and tell the verdict as the event `leak` (or `stood-down`). Growth then makes no other snapshots. docs/unattended.md has what it costs.
   * @default true, but false with `thresholds` or `rules`
   */
  hunt?: boolean | HuntOptions
  /** Count all objects by class at intervals, as `census()` does, and keep the counts in a file that `leakhunt census` reads. @default off */
  census?: CensusOptions
  /** Bounds of automatic snapshots. One that is asked for by code is only refused for safety. */
  limits?: Limits
  capture?: Capture
  /**
   * Answer `leakhunt ps`, `leakhunt snapshot PID` and `leakhunt census PID` on a Unix socket in `dir`, for this process's user and root alone. docs/control-socket.md
   * has what is said on it.
   * @default true
   */
  control?: boolean
  /** Which automatic snapshots stay on disk. Files that code asked for are never removed. */
  retention?: Retention
  /**
   * What takes finished files away: out of a pod that will not live, say. A command, or a function. One file after the other, and off the
   * event loop but for the function itself. The files stay where they are; what could not be delivered is tried again at the next start.
   */
  deliver?: Deliver | DeliverHandler
  /** Written into the file beside each snapshot. */
  labels?: Record<string, string>
  /**
   * Take the contents of the app's strings out of every snapshot: each becomes its length and a salted hash, `[24 chars #9f3a1c2b7d4e5f60]`.
   * Names of classes, functions, scripts and variables stay, and names of properties that are in the source. Where V8's text is not understood no snapshot
   * is written (`ERR_LEAKHUNT_REDACTION_FAILED`). The work is the child's: 0.2 seconds and four megabytes for each million objects. With
   * `LEAKHUNT_REDACT=1` in the environment that the process was started with, `false` does nothing.
   * @default true
   */
  redact?: boolean
}

interface Held {
  /** Samples in a row for which the value must be above. @default 3 */
  samples?: number
  /** Fires again after the value has fallen this far below the threshold, in per cent of it. @default 10 */
  hysteresisPercent?: number
  /** Or after the value has grown this far beyond the one at which it fired, in per cent. @default 10 */
  stepPercent?: number
}

export interface Thresholds extends Held {
  /** The used part of V8's heap. */
  heapUsedBytes?: number
  /** The same, in per cent of the heap limit. */
  heapUsedPercent?: number
  /** The resident set. */
  rssBytes?: number
  /** The same, in per cent of the cgroup's limit; silent where there is none. */
  rssPercent?: number
  /** Array buffers, and what native objects declare. */
  externalBytes?: number
  /** Growth of the heap that is left after a full collection. */
  liveSetGrowthBytes?: number
}

/** Give one of `aboveBytes` and `abovePercent`. */
export interface Rule extends Held {
  metric: 'heapUsed' | 'rss' | 'external' | 'liveSetGrowth'
  aboveBytes?: number
  /** Of the heap limit, of the cgroup's limit, or of the live set after the first full collection. */
  abovePercent?: number
}

export interface HuntOptions {
  /** @default true, but false with `thresholds` or `rules` */
  enabled?: boolean
  /**
   * A hunt ends when growth stands still for so long, or when a snapshot or room for the analysis is refused for so long.
   * @default 21600000 (six hours)
   */
  patienceMs?: number
  /**
   * The least time from a hunt's end to the next one's beginning. Four times that after a hunt that found nothing; doubled, up to a day, each time that nothing, or the same
   * leak, is found again. @default 3600000
   */
  restMs?: number
  /** An analysis that takes longer is ended. @default 600000 */
  deadlineMs?: number
  /**
   * The most memory that the analysis may take: one that is expected to take more is put off, and one that does take more is ended.
   * @default what the limits of the cgroups and the machine leave, less `capture.reserveBytes`
   */
  maxMemoryBytes?: number
  /**
   * A file with leaks that are known and accepted ({@link AnalyzeOptions.known}): a hunt that finds nothing else stands down as `no-leak`. Read at each verdict; at
   * the start too, so that a mistake in it is told then (`ERR_LEAKHUNT_KNOWN_LEAKS`). A list that cannot be read costs no verdict: then all leaks count.
   */
  known?: string
}

/** Counted over all processes that share the directory, and across restarts. */
export interface Limits {
  /** Automatic snapshots within `windowMs`: a hunt takes three, and up to five where it has to look twice. @default 5 */
  maxCount?: number
  /** @default 86400000 (a day) */
  windowMs?: number
  /** Time between two automatic snapshots. @default 60000 */
  cooldownMs?: number
  /** No more once those that are on disk, in the directory, take this much together. @default 2147483648 */
  maxTotalBytes?: number
  /** Disk that must be free. @default 536870912 */
  minFreeDiskBytes?: number
}

export interface Capture {
  /**
   * `fork`: in a forked child; `inline`: in the process, which stands still for seconds; `off`: no snapshots.
   * @default 'fork'
   */
  mode?: 'fork' | 'inline' | 'off'
  /**
   * Who makes the snapshot in the forked child: `pages`, leakhunt itself from the heap's own pages (see `docs/heap-pages.md`), in a part of the time and of the memory; `v8`, its
   * generator; `auto`, the first of the two that is proven. Every snapshot from pages has to show some objects that leakhunt has planted, and as many bytes as V8 has in use. Where it
   * does not, or where the executable does not say how its heap is laid out, `pages` is refused with `ERR_LEAKHUNT_PAGES_UNSUPPORTED`, and with `auto` V8's generator serves from then on:
   * said once, by an `error` of that code.
   * @default 'auto'
   */
  engine?: 'auto' | 'pages' | 'v8'
  /**
   * How a snapshot is written: `heapsnapshot` is V8's text, packed by zstd; `lhgraph` has the graph's columns (docs/lhgraph.md), takes a quarter to a half of that on disk, is
   * written without making a text, and is read in half of the time. All of leakhunt reads both, and `leakhunt unpack` makes a text for Chrome DevTools of either. `lhgraph` wants the
   * heap's pages and the mode `fork`, and is refused with the engine `v8` and other modes (`ERR_LEAKHUNT_FORMAT_UNSUPPORTED`). Where `auto` has V8's generator serve, the file is a
   * `heapsnapshot`.
   * @default 'heapsnapshot'
   */
  format?: 'heapsnapshot' | 'lhgraph'
  /** A capture that takes longer is given up. @default 600000 */
  deadlineMs?: number
  /** Forks tried for one snapshot, when V8's own threads are at work. @default 10 */
  attempts?: number
  /** CPU niceness of the child, 0 to 19. @default 19 */
  nice?: number
  /** 1 to 19. @default 1 */
  zstdLevel?: number
  /**
   * The most memory that the child may take of its own, which is some twice the heap, and many times with V8's generator. A capture that is expected to take more is
   * refused, and one that does take more is ended (`ERR_LEAKHUNT_NO_ROOM`). @default what the limits of the cgroups and the machine leave
   */
  maxMemoryBytes?: number
  /**
   * What is kept for the app of each memory limit: a capture that would take of it is refused, and one that takes more than half of it is
   * ended. Counts double where the kernel ends all processes of a cgroup at once. @default a sixteenth of the limit, 32 to 256 MiB
   */
  reserveBytes?: number
  /**
   * Take a snapshot when the heap is at its limit, while `limits` allow one. The limit is raised by `headroomBytes`, once, so that
   * there is time to fork; after that the app goes on, or ends as it would have. It may stand still for up to a second meanwhile, as four stops of 250 ms.
   * Only with `mode: 'fork'`. @default true
   */
  nearHeapLimit?: boolean
  /**
   * How far: 16 MiB to 4 GiB, and never less than V8's young generation. Memory that a container must have to spare at that moment.
   * @default 67108864
   */
  headroomBytes?: number
}

/**
 * The oldest automatic snapshots, with their `.json`, go after each new one until the rest is within the bounds. The first and the last of a series (of
 * one run of one thread) stay longest; then the oldest series goes as a whole. The newest file always stays.
 */
export interface Retention {
  /** @default 10 */
  maxCount?: number
  /** @default 1073741824 */
  maxTotalBytes?: number
  /** @default 2592000000 (thirty days) */
  maxAgeMs?: number
}

export interface DeliverBounds {
  /** How often it is tried for one file, with pauses that double from a second. @default 3 */
  attempts?: number
  /** One attempt that takes longer is ended. @default 60000 */
  timeoutMs?: number
}

/** Give one of `command` and `handler`. */
export type Deliver = DeliverBounds &
  (
    | {
        /**
         * A program and its arguments, started without a shell. The paths of the snapshot and of its `.json` are appended, and are in the variables
         * `LEAKHUNT_SNAPSHOT` and `LEAKHUNT_SIDECAR`. Code 0 means delivered.
         */
        command: readonly string[]
        handler?: undefined
      }
    | { command?: undefined; handler: DeliverHandler }
  )

export type DeliverHandler = (file: {
  path: string
  sidecar: string
  /** 1 for the first. */
  attempt: number
  /** Aborted after `timeoutMs`, and by `stop()`. */
  signal: AbortSignal
}) => unknown

export interface SnapshotRequest {
  /** Written into the file beside the snapshot; at most 200 characters. @default 'requested' */
  reason?: string
  /** Whether the contents of strings are taken out; see {@link Options.redact}. @default what `start()` was told */
  redact?: boolean
  /**
   * Checks leakhunt against V8 on this very app: the forked child makes the snapshot from the heap's pages, whatever `capture.engine` says, and then has V8's generator
   * take one of the same heap, into a second file ({@link SnapshotDetails.v8Path}). Takes the time and the memory of both; the main thread stands still once, as ever.
   * `leakhunt diff` and `inspect` hold them against each other; docs/heap-pages.md says what differs by design. @default false
   */
  besideV8?: boolean
  /** How the file is written; see {@link Capture.format}. @default what `start()` was told */
  format?: 'heapsnapshot' | 'lhgraph'
}

export interface SnapshotDetails {
  /** The number of the request, or null for an automatic snapshot. */
  id: number | null
  reason: string
  path: string
  /** The `.json` beside it: the reason, the figures at that moment, the classes. */
  sidecar: string
  /** V8's own snapshot of the same heap, redacted by the same rule; null unless {@link SnapshotRequest.besideV8} asked for it. `deliver` is not told of it. */
  v8Path: string | null
  mode: 'fork' | 'inline'
  engine: 'v8' | 'pages'
  format: 'heapsnapshot' | 'lhgraph'
  /** Whether the contents of strings have been taken out. */
  redacted: boolean
  /** How long the thread stood still, measured on it. */
  pauseMs: number
  /**
   * What `pauseMs` was made of, for `fork` (null for `inline`): looking whether V8's workers sleep, making V8's pages forkable, `fork` itself, putting
   * the marks back.
   */
  pauseParts: { checkMs: number; showMs: number; forkMs: number; hideMs: number } | null
  /** From the wish to the finished file. */
  durationMs: number
  /** Size of the file. */
  bytes: number
  /** Size of the same before compression. */
  rawBytes: number
  nodes: number
  /** Memory that the fork did not copy, since a snapshot does not need it: the contents of large array buffers. */
  leftOutBytes: number
  /** Forks made; more than one where a child met a wait that nobody could end. */
  attempts: number
  /** Times that the thread was visited for a fork: a visit that finds V8's workers at work ends at once and is made again. */
  visits: number
  /** The child's largest resident set, pages shared with the app included; 0 for `inline`. */
  childPeakRssBytes: number
  /** The child's own memory at its highest: what the capture took of the machine. 0 for `inline`, and where the kernel does not tell. */
  childPrivateBytes: number
  /** What that had been expected to be before the fork. */
  predictedBytes: number
  /** V8's heap in use just before the capture: what the expectation was made from. */
  heapUsedBytes: number
}

export interface CensusOptions {
  /**
   * Time from one census to the next, 1000 ms to a year. Each stops the main thread for a fork, as `pauseMs` says, and keeps a core busy with collecting
   * garbage in the child for seconds per gigabyte: minutes are a sensible interval.
   */
  everyMs: number
  /** Censuses of a thread that stay on disk, at least: a file with so many is followed by the next, and the one before it goes. @default 500 */
  keep?: number
  /** Classes told one by one in each. @default 500 */
  maxClasses?: number
}

export interface CensusRequest {
  /**
   * Classes told one by one; the rest are summed up. A large program has tens of thousands of functions with a closure each, and what is told becomes objects
   * on its heap. At most a million. @default 2000
   */
  maxClasses?: number
}

/** All objects on the heap by class, when garbage had been collected. docs/heap-pages.md says how they are read. */
export interface Census {
  /** The number of the request; null for one at an interval. */
  id: number | null
  /** When it was done, in milliseconds since 1970. */
  timestamp: number
  /**
   * Classes that keep growing over the last eight to twelve censuses at intervals (Mann and Kendall's test at one in a thousand; a thousand objects or a megabyte,
   * and a fifth), the most bytes first, at most five. Then a hunt begins, or a snapshot is taken where growth makes one.
   */
  growing: GrowingClass[]
  /** The file that it was appended to; null where `census.everyMs` is not given. */
  path: string | null
  /** At most `maxClasses`: half of them the largest, the others those of the rest that have most objects; largest first. */
  classes: ClassCount[]
  /** What the other classes have together. */
  others: { classes: number; count: number; bytes: number }
  /** Of all classes, the others included. */
  totalCount: number
  totalBytes: number
  /** What lies on the heap and is no object that could be told. */
  unnamedBytes: number
  /** Gaps between objects, and room in which nothing is yet. */
  freeBytes: number
  /** V8's pages that were read. */
  pages: number
  /** What V8 itself says is in use, at the same moment: `totalBytes` agrees with it within a kilobyte, or 0.1 per cent where there is much compiled code. */
  heapUsedBytes: number
  /** How long the thread stood still, measured on it, and what that was made of. */
  pauseMs: number
  pauseParts: { checkMs: number; showMs: number; forkMs: number; hideMs: number }
  /** From the wish to the counts; of it, in the child, the collection, and the reading of the pages. */
  durationMs: number
  collectMs: number
  walkMs: number
  /** Memory that the fork did not copy, since a census does not need it: the contents of large array buffers. */
  leftOutBytes: number
  attempts: number
  visits: number
  /** The child's own memory at its highest. 0 where the kernel does not tell. */
  childPrivateBytes: number
  predictedBytes: number
}

export interface GrowingClass {
  name: string
  kind: ClassCount['kind']
  location: string | null
  /** At the last censuses, oldest first. */
  counts: number[]
  /** How much it rose over these, by the median of all slopes. */
  grownCount: number
  grownBytes: number
}

export interface ClassCount {
  /**
   * Of an `object`, its class as V8's snapshots name it; of a plain one its first five properties as well, `Object {id, name}`, for the 256 shapes of at least 16 objects that take most
   * (with `redact`, names that are no identifiers, or have four digits in a row, are `…`; all other plain objects are `Object`). Of a `closure`, the function's name, which may be empty; of
   * all others, a name of V8's.
   */
  name: string
  kind: 'object' | 'closure' | 'array' | 'string' | 'number' | 'symbol' | 'context' | 'code' | 'shape' | 'system'
  /** Where the class or the function is: `script:line:column`, both from 1; the script alone where V8 has not compiled it or its source is not on the heap. */
  location: string | null
  count: number
  /** Their own size: what they refer to is not in it. */
  bytes: number
  /**
   * `bytes` and what belongs to one object alone: the arrays of its elements and properties, the table of a Map, the memory of an ArrayBuffer, the characters of an external
   * string. The arrays have classes of their own as well, so that these do not add up to `totalBytes`; a Buffer's memory is its ArrayBuffer's.
   */
  ownedBytes: number
}

export interface Skipped {
  id: number | null
  reason: string
  code: string
  message: string
  /** The numbers behind the message, in bytes and milliseconds as their names say; null where there are none. */
  figures: Record<string, number | string | null> | null
}

interface HuntEnd {
  /** The file of the verdict document, beside the last snapshot; null without one. */
  path: string | null
  /** Oldest first. They stay as `retention` says. */
  snapshots: string[]
  /** The least time until the next hunt. */
  restMs: number
  verdict: Verdict | null
  /** Of the first suspect. */
  fingerprint?: string | null
  /** How often hunts in this directory have found this leak, this time included. */
  timesFound?: number
  /** What the analysis has taken, in its own process; absent without a verdict. */
  analysis?: { durationMs: number; cpuMs: number; peakRssBytes: number }
}

export interface LeakFound extends HuntEnd {
  /** One sentence. */
  summary: string
  path: string
  verdict: Verdict
  fingerprint: string | null
  timesFound: number
  analysis: { durationMs: number; cpuMs: number; peakRssBytes: number }
}

export interface StoodDown extends HuntEnd {
  /**
   * `growth-stopped`: nothing grew any more; `refused`: a snapshot or the analysis was refused until patience was over; `failed`: the analysis came to no end;
   * `no-leak`, `inconclusive`: the verdict; `known`: a leak that has been told today; `elsewhere`: another process hunts in this directory, or has just done so.
   */
  reason: 'elsewhere' | 'growth-stopped' | 'refused' | 'failed' | 'no-leak' | 'inconclusive' | 'known'
  /** Of what went wrong, or null. */
  code: string | null
  message: string
}

export interface Sample {
  /** Milliseconds since 1970. */
  timestamp: number
  heapUsedBytes: number
  heapTotalBytes: number
  heapLimitBytes: number
  externalBytes: number
  mallocedBytes: number
  rssBytes: number
  cgroupLimitBytes: number | null
  cgroupUsedBytes: number | null
  /** Collections since the last sample, and how long they stopped the thread together. */
  gcCount: number
  gcPauseMs: number
  /** Samples lost so far because the background thread did not keep up. */
  droppedSamples: number
}

export interface Gc {
  kind: 'scavenge' | 'minor-mark-sweep' | 'mark-sweep-compact' | 'incremental-marking' | 'weak-callbacks'
  /** V8's own bit for it, the same as `kind` of a PerformanceObserver's entry. */
  kindBits: number
  /** Milliseconds since 1970. */
  timestamp: number
  durationMs: number
  heapUsedBeforeBytes: number
  heapUsedAfterBytes: number
}

export interface Crossing {
  metric: Rule['metric']
  valueBytes: number
  limitBytes: number
  samples: number
}

/** The figures at the moment when V8 asked. */
export interface NearLimit {
  /** Milliseconds since 1970. */
  timestamp: number
  heapUsedBytes: number
  heapTotalBytes: number
  /** The limit that was reached, and what it was raised to. */
  heapLimitBytes: number
  raisedToBytes: number
  externalBytes: number
  mallocedBytes: number
  /** Whether it was raised by the headroom, for a capture; else by what lets V8 ask the next callback. */
  raisedForCapture: boolean
}

export interface HeapStats {
  /** The resident set: what of the process is in RAM. */
  rssBytes: number
  peakRssBytes: number
  /** Machine code of the executable. */
  codeSegmentBytes: number
  /** The main thread's stack. */
  stackBytes: number
  /** The memory limit of the process's cgroup, or null where there is none. */
  cgroupLimitBytes: number | null
  cgroupUsedBytes: number | null
  /** V8's heap: reserved, in use, and where V8 gives up. */
  heapTotalBytes: number
  heapTotalExecutableBytes: number
  heapPhysicalBytes: number
  heapAvailableBytes: number
  heapUsedBytes: number
  heapLimitBytes: number
  /** Memory outside of the heap that objects of the heap hold. */
  externalBytes: number
  /** The part of it that belongs to ArrayBuffers and Buffers. */
  arrayBuffersBytes: number
  /** What V8 itself has allocated by malloc. */
  mallocedBytes: number
  peakMallocedBytes: number
  /** Numbers, not bytes. Detached contexts that stay are a leak. */
  nativeContexts: number
  detachedContexts: number
  globalHandlesTotalBytes: number
  globalHandlesUsedBytes: number
  codeAndMetadataBytes: number
  bytecodeAndMetadataBytes: number
  externalScriptSourceBytes: number
  spaces: HeapSpace[]
}

export interface HeapSpace {
  /** V8's name, as `old_space`. */
  name: string
  sizeBytes: number
  usedBytes: number
  availableBytes: number
  physicalBytes: number
}

export interface Capability {
  available: boolean
  /** `native`: by V8's own functions; `javascript`: by Node's modules. */
  way: 'native' | 'javascript' | 'off'
  /** Why it is not native, or null. */
  reason: string | null
}

export interface Capabilities {
  node: string
  platform: string
  heapStatistics: Capability
  heapSpaceStatistics: Capability
  codeStatistics: Capability
  gcCallbacks: Capability
  interrupts: Capability
  heapSnapshot: Capability
  /** Being asked by V8 before the heap's limit is reached. */
  nearHeapLimit: Capability
  fork: ForkCapability
  /** Reading the heap from its own pages, as `census()` does. */
  pages: Capability
}

export interface ForkCapability extends Capability {
  /** Whether a forked snapshot has been written in this process, for proof or in earnest. */
  proven: boolean
  /**
   * Libraries in this process that use `pthread_atfork`, by file name. Their handlers run at each fork, and count in `pauseMs`.
   */
  forkHandlers: string[]
  /** Of the snapshot that was made for proof; absent without `prove`, null where it failed. */
  pauseMs?: number | null
  durationMs?: number | null
}

export interface ReadOptions {
  signal?: AbortSignal
  /**
   * Whether places are told as they were written, where source maps lie beside the scripts on this machine. Default true. Costs the reading of the
   * maps of those few scripts that are named: about 15 ms for a megabyte.
   */
  sourceMaps?: boolean
  /** Called on the main thread while a file is read: bytes done, and bytes in all. */
  onProgress?: (progress: { file: string; done: number; total: number }) => void
}

export interface AnalyzeOptions extends ReadOptions {
  /**
   * Leaks that are known and accepted: they stand under `known` instead of `suspects`, and do not make the verdict `leak`. The path of a JSON file, the entries themselves, or a
   * verdict, whose suspects are then all known. A file of at most a megabyte, read on the calling thread. Rejects with `ERR_LEAKHUNT_KNOWN_LEAKS` where it is none of these.
   */
  known?: string | URL | ReadonlyArray<AcceptedLeak> | Pick<Verdict, 'suspects'>
}

export interface AcceptedLeak {
  /** Of the suspect, as the verdict has it. */
  fingerprint: string
  reason?: string | null
  /** The last day for which it is accepted, as `2027-01-31` (local time). After it the leak counts again, and a note says so. */
  until?: string | null
}

/**
 * Reads one snapshot and keeps its graph in native memory, to answer questions without reading again. Rejects as `analyze` does.
 * Costs about as much memory as the plain file is long, until `close()`; nothing of the work is on the main thread.
 */
export function inspect(file: string | URL, options?: ReadOptions): Promise<Inspection>

/** An open snapshot. docs/inspect.md has every question and its answer. */
export interface Inspection {
  readonly file: string
  /**
   * Answers one question, on another thread; several may be under way. Rejects with `ERR_LEAKHUNT_QUESTION` for what is no question,
   * `ERR_LEAKHUNT_NO_MATCH` for an object or a class that is not there, `ERR_LEAKHUNT_CLOSED` after `close()`.
   */
  ask(question: Question, options?: { signal?: AbortSignal }): Promise<Answer>
  /** Gives the memory back, once the questions under way are answered. */
  close(): void
  [Symbol.dispose](): void
}

/** Lists begin at row `offset` (default 0) and have at most `limit` rows (default 20, at most 10000). */
interface Paged {
  offset?: number
  limit?: number
}

type Sorted = Paged & {
  /** A part of the name, in letters of either case. Default: all. */
  filter?: string
  /** Default 'retained'; sizes and counts from the largest. */
  sort?: 'retained' | 'shallow' | 'count' | 'name'
}

/** An object by V8's number: `123` or `'@123'`. */
type ObjectId = number | string

export type Question =
  | { question: 'summary' }
  | ({ question: 'classes' } & Sorted)
  | ({ question: 'shapes' } & Sorted)
  | ({ question: 'strings'; filter?: string; duplicates?: boolean } & Paged)
  | ({ question: 'detached' } & Paged)
  | ({ question: 'instances'; class: string; filter?: string } & Paged)
  | ({ question: 'show'; object: ObjectId } & Paged)
  | ({ question: 'holders'; object: ObjectId } & Paged)
  | { question: 'retainers'; of: string }
  | ({ question: 'children'; object?: ObjectId; byClass?: boolean } & Paged)
  | { question: 'path'; object: ObjectId; ways?: number; full?: boolean }

/** What was asked for, with `question` as in the question: docs/inspect.md has the fields of each. Fields may be added. */
export interface Answer {
  question: Question['question']
  [field: string]: unknown
}

/** The verdict document. Fields may be added; `version` grows when the meaning of one changes. */
export interface Verdict {
  version: 1
  verdict: 'leak' | 'no-leak' | 'inconclusive'
  /** One sentence. */
  summary: string
  snapshots: Array<{ path: string; nodes: number; edges: number; shallowBytes: number }>
  /** The most likely leak first. */
  suspects: Suspect[]
  /** Leaks that `known` accepts; they do not count towards `verdict`. `rank` is theirs among the known. */
  known: Array<Suspect & { reason: string | null; until: string | null }>
  unnamedFunctions: {
    /** Closures that grow with a suspect, of scripts that are not Node's; and those of them without a name. */
    leakingClosures: number
    unnamed: number
    locations: Location[]
    /** The same with the names that their places give them, as `anonymous at server.js:12:5`. */
    functions: Array<{ name: string; count: number; heldAs: string | null; location: Location }>
  }
  /** What is odd in the last snapshot, whether or not it grows. `verdict` does not depend on it. */
  observations: Observation[]
  /** Memory of the process that grows where no snapshot shows it. Null where none does, or where it is not known: it takes three snapshots of one process, with their sidecars. */
  elsewhere: Elsewhere | null
  /** What grew and yet is no leak, with the reason. */
  acquitted: Array<{ class: string; counts: number[]; holder: { class: string; name: string | null }; reason: string }>
  /** What is large in the last snapshot. */
  largest: Array<{ class: string; count: number; retainedBytes: number; holder: { class: string; name: string | null } }>
  /** What to know about the evidence as a whole: a list that has lapsed or could not be read, a sidecar of no use, names that tell of another order. */
  notes: string[]
}

/** Something odd of one sort. docs/verdict.md has the thresholds. */
export interface Observation {
  /** More may come. */
  kind: 'sliced-parent' | 'small-view' | 'detached-context' | 'duplicate-strings' | 'similar-closures' | 'huge-string'
  /** One sentence, and what to do about it. */
  summary: string
  advice: string
  count: number
  bytes: number
  /** What would be free if it were put right, at least; 0 where a snapshot does not tell. */
  wastedBytes: number
  /** The weightiest first, five at most. */
  examples: ObservationExample[]
  /** The same figures in each snapshot; absent of one. `grows` goes by the rule by which suspects grow. */
  growth?: { counts: number[]; bytes: number[]; grows: boolean }
}

/** One thing, or `count` of them that are equal. */
export interface ObservationExample {
  class: string
  /** For `leakhunt retainers FILE @id`. */
  id: number
  count: number
  bytes: number
  wastedBytes: number
  /** The beginning of a string, or what a redaction has left of it. Absent of what is no string. */
  text?: string
  holder: { class: string; name: string | null }
  /** From the holder up to a GC root. */
  path: Array<{ edge: string; edgeType: string; class: string; id: number }>
  /** Of a function. */
  location: Location | null
}

/** What the snapshots do not show. Series are in their order. */
export interface Elsewhere {
  /** Memory that V8 knows of; that it does not know of; pages of its heap with nothing alive in them. */
  kind: 'external' | 'native' | 'fragmentation'
  /** One sentence. */
  summary: string
  /** Where to look next. */
  advice: string
  /** By how much the resident set grew from the first snapshot to the last, and this part of the process. */
  residentGrowthBytes: number
  growthBytes: number
  residentBytes: number[]
  /** V8's pages, the objects in them, and those that are alive. */
  heapTotalBytes: number[]
  heapUsedBytes: number[]
  liveBytes: number[]
  /** What V8 knows of outside of its heap, and what the snapshots show there: buffers, and memory of Node's own handles. */
  externalBytes: number[]
  shownOutsideBytes: number[]
  /** What V8 itself has taken by malloc. */
  mallocedBytes: number[]
}

export interface Suspect {
  rank: number
  /** From 0 to 1: of suspects like this one in the corpus, so many were the leak of their program. docs/verdict.md has what it is made of. */
  confidence: number
  class: string
  cause: 'collection' | 'listener' | 'closure' | 'connection' | 'timer' | 'other'
  /** Within the cause, as `abort-signal` or `interval`: docs/verdict.md lists them. More may come. */
  kind: string
  /** Objects in each snapshot. */
  counts: number[]
  /** What they keep alive in each snapshot. */
  retainedBytes: number[]
  growthPerSnapshot: number
  holder: { class: string; name: string | null }
  /** From the holder up to a GC root. */
  path: Array<{ edge: string; edgeType: string; class: string; id: number }>
  location: Location | null
  /** The same for the same leak in other snapshots. */
  fingerprint: string
  hypothesis: string
  evidence: string[]
  wouldRefute: string
  /** Classes that grow because this one does, with their objects in each snapshot. */
  growsWith: Array<{ class: string; counts: number[] }>
  details: SuspectDetails
  /** What censuses of the same process counted of the class, where their file lies beside the last snapshot. `timestampsMs` since 1970. */
  censuses?: { timestampsMs: number[]; counts: number[] }
}

/** What the rule found out beyond the holder. Absent is what does not apply, or what the heap does not know. */
export interface SuspectDetails {
  /** The event that is listened to; absent where its name is redacted. */
  event?: string
  /** The function that piles up or is called back. */
  function?: Location
  /** Variables that each such function keeps, the heaviest first, with what one of them retains. */
  captured?: Array<{ variable: string; class: string; retainedBytes: number }>
  /** Of a timer. */
  delayMs?: number
  connection?: {
    side: 'server' | 'client' | 'agent' | ''
    what: string
    remote?: string
    unanswered: boolean
  }
  /** Where the holder lives. */
  scope?: string
  alsoHeldBy?: { class: string; name: string | null }
}

/** Lines and columns begin at 1. */
export interface Location {
  function: string
  script: string
  line: number
  column: number
  /** Where a source map has led from: the code that V8 runs. */
  generated?: { script: string; line: number; column: number }
}
