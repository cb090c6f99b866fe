'use strict'
// npm run fuzz: throws random input at the readers and the analysis until the time is up, with cargo-fuzz on a nightly toolchain, both
// of which are installed where they are missing. `npm run fuzz -- reader --seconds 300` fuzzes one target; without a
// name each of them has its turn. What is found stays in fuzz/found; --keep takes what reaches new code into fuzz/corpus, which
// `cargo test` replays.
const fs = require('node:fs')
const path = require('node:path')
const { spawnSync } = require('node:child_process')
const { ROOT, say, run, must } = require('./say.js')

const FUZZ = path.join(ROOT, 'fuzz')
const TARGETS = fs.readdirSync(path.join(FUZZ, 'fuzz_targets')).map((file) => path.basename(file, '.rs'))
const SECONDS = 150
/**
 * Of one input: longer is a hang. And memory, beyond what a window of zstd may take. Leaks are not looked for: a thread that is just ending
 * looks like one.
 */
const LIMITS = ['-detect_leaks=0', '-timeout=20', '-rss_limit_mb=2048', '-malloc_limit_mb=512', '-max_len=16384']

/** What is kept: as few inputs as reach all that was reached, however often each of them does. */
const FEW = ['-set_cover_merge=1', '-use_counters=0']

const words = process.argv.slice(2)
const at = words.indexOf('--seconds')
const seconds = at < 0 ? SECONDS : Number(words[at + 1])
const keep = words.includes('--keep')
const targets = words.filter((word, index) => !word.startsWith('--') && (at < 0 || index !== at + 1))

const unknown = targets.find((target) => !TARGETS.includes(target))
if (unknown !== undefined || !(seconds > 0)) {
  say(unknown === undefined ? '--seconds expects a number above 0' : `there is no target "${unknown}": expected one of ${TARGETS.join(', ')}`)
  process.exit(2)
}

const works = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0
if (!works('cargo', ['+nightly', '--version'])) must('rustup', ['toolchain', 'install', 'nightly', '--profile', 'minimal'])
if (!works('cargo', ['fuzz', '--version'])) {
  say('installing cargo-fuzz')
  must('cargo', ['install', 'cargo-fuzz', '--locked'])
}

/** The same for each step, so that nothing is compiled twice. In one unit, as cargo-fuzz would have it, all of it takes minutes. */
const cargoFuzz = (step, ...args) => ['+nightly', 'fuzz', step, '--fuzz-dir', FUZZ, '--codegen-units', '16', ...args]

/** Runs a target on its folders: the first takes what is found. */
function fuzz(target, folders, flags) {
  for (const folder of folders) fs.mkdirSync(folder, { recursive: true })
  return run('cargo', cargoFuzz('run', target, ...folders, '--', ...LIMITS, ...flags), { cwd: FUZZ })
}

/** The words that a target's texts are made of. */
function dictionary(target) {
  const name = { reader: 'snapshot', redactor: 'snapshot', sources: 'sources', census: 'census' }[target]
  return name === undefined ? [] : [`-dict=${path.join(FUZZ, `${name}.dict`)}`]
}

say('compiling the targets')
must('cargo', cargoFuzz('build'), { cwd: FUZZ })

const broken = []
for (const target of targets.length > 0 ? targets : TARGETS) {
  const found = path.join(FUZZ, 'found', target)
  const kept = path.join(FUZZ, 'corpus', target)
  say(`fuzzing ${target} for ${seconds} s`)
  if (fuzz(target, [found, kept], [`-max_total_time=${seconds}`, '-print_final_stats=1', ...dictionary(target)]) !== 0) broken.push(target)
  if (keep) fuzz(target, [kept, found], FEW)
}
if (broken.length > 0) {
  say(`fuzz: ${broken.join(', ')} broke; the inputs are in fuzz/artifacts`)
  process.exitCode = 1
}
