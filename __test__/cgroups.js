'use strict'
// Control groups of a test's own, real ones. Where they cannot be made, a test is skipped and says so.
const fs = require('node:fs')
const path = require('node:path')

const ROOT = '/sys/fs/cgroup'

/** A new group of a version 1 controller with `settings` written into it, or null and a word why not. */
function makeGroup(t, controller, settings) {
  const top = path.join(ROOT, controller)
  const dir = path.join(top, `leakhunt-test-${process.pid}-${Math.random().toString(36).slice(2)}`)
  if (!fs.existsSync(path.join(top, 'tasks'))) {
    t.skip(`there is no version 1 ${controller} controller at ${top}`)
    return null
  }
  try {
    fs.mkdirSync(dir)
  } catch ({ code }) {
    t.skip(`no group can be made under ${top}: ${code}`)
    return null
  }
  t.after(async () => {
    // The kernel lets go of a group some moments after its last process.
    for (let tries = 0; fs.existsSync(dir) && tries < 100; tries++) {
      try {
        for (const inner of fs.readdirSync(dir, { withFileTypes: true })) if (inner.isDirectory()) fs.rmdirSync(path.join(dir, inner.name))
        fs.rmdirSync(dir)
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  })
  for (const [name, value] of Object.entries(settings)) fs.writeFileSync(path.join(dir, name), String(value))
  return { dir, read: (name) => fs.readFileSync(path.join(dir, name), 'utf8') }
}

/** The arguments of `sh` that run `node ...args` in a group. */
const inGroup = (group, args) => ['-c', 'echo $$ > "$0/tasks" && exec "$@"', group.dir, process.execPath, ...args]

module.exports = { makeGroup, inGroup }
