'use strict'
// What benches share: a memory cgroup of version 1, and a process in it that does as it is told, one JSON line at a time.
const { spawn } = require('node:child_process')
const fs = require('node:fs')
const readline = require('node:readline')

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** A cgroup of our own, without a limit at first. */
function makeGroup(controller = 'memory') {
  const dir = `/sys/fs/cgroup/${controller}/leakhunt-bench-${process.pid}`
  fs.mkdirSync(dir)
  return {
    dir,
    quota: (cpus) => fs.writeFileSync(`${dir}/cpu.cfs_quota_us`, String(Math.round(cpus * 100_000))),
    throttled: () => Number(/nr_throttled (\d+)/.exec(fs.readFileSync(`${dir}/cpu.stat`, 'utf8'))[1]),
    limit: (bytes) => fs.writeFileSync(`${dir}/memory.limit_in_bytes`, String(bytes)),
    kills: () => Number(/oom_kill (\d+)/.exec(fs.readFileSync(`${dir}/memory.oom_control`, 'utf8'))[1]),
    async remove() {
      for (let tries = 0; tries < 100; tries++) {
        try {
          return fs.rmdirSync(dir)
        } catch {
          await sleep(50)
        }
      }
    },
  }
}

/** The words of a command that runs `command` in `group`, if there is one. */
function within(group, command) {
  const enter = group === null ? 'exec "$@"' : `echo $$ > ${group.dir}/tasks && exec "$@"`
  return ['sh', '-c', enter, 'sh', ...command]
}

/** Starts `command` in `group`. It tells about itself in its first line; `ask` resolves to its next one, or to how it ended. */
async function subject(command, group = null) {
  const [program, ...args] = within(group, command)
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => {})
  const lines = readline.createInterface({ input: child.stdout })
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ ended: signal ?? `code ${code}` })))
  const answer = () => Promise.race([new Promise((resolve) => lines.once('line', (line) => resolve(JSON.parse(line)))), ended])
  const about = await answer()
  return {
    ...about,
    ask(deed) {
      const answered = answer()
      child.stdin.write(`${deed}\n`)
      return answered
    },
    async end() {
      child.stdin.write('end\n')
      await ended
    },
  }
}

module.exports = { makeGroup, subject, within }
