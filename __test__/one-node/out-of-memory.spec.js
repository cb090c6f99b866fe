'use strict'
// A memory cgroup that runs out while the app cannot watch over it: the kernel has to kill, and it kills the child.
const assert = require('node:assert')
const fs = require('node:fs')
const { test } = require('node:test')
const { assertRefused, assertTaken, startApp } = require('../app.js')
const { makeGroup } = require('../cgroups.js')
const { runs, send } = require('../processes.js')
const { freshDir, until } = require('../program.js')

const MB = 1e6

test('when the kernel runs out of memory for a cgroup it ends the capture child, and the app lives', async (t) => {
  const group = makeGroup(t, 'memory', { 'memory.limit_in_bytes': 1000 * MB })
  if (group === null) return
  const app = await startApp(t, { options: { capture: { nice: 0, engine: 'v8' } }, dir: freshDir(t), count: 100_000, within: ['sh', '-c', 'echo $$ > "$0/tasks" && exec "$@"', group.dir] })
  const used = () => Number(group.read('memory.usage_in_bytes'))
  const before = used()
  const { child, answer } = await app.capturing()
  // The kernel also counts the pages of Node's own file, which are most of a small app: the child has to have taken something first.
  await until(() => used() > before + 50 * MB, 'a child that has grown')
  assert.strictEqual(fs.readFileSync(`/proc/${child}/oom_score_adj`, 'utf8').trim(), '1000')
  assert.strictEqual(group.read('tasks').split('\n').filter((tid) => Number(tid) === child).length, 1, 'it counts against the same limit')
  const killed = () => Number(/^oom_kill (\d+)$/m.exec(group.read('memory.oom_control'))[1])
  // An app that stands still takes nothing and ends nobody.
  send(app.pid, 'SIGSTOP')
  fs.writeFileSync(`${group.dir}/memory.limit_in_bytes`, String(used()))
  await until(() => killed() > 0 && !runs(child), "the kernel's choice")
  send(app.pid, 'SIGCONT')
  assertRefused(await answer, 'ERR_LEAKHUNT_CAPTURE_FAILED', /signal 9, as the kernel does when memory runs out/)
  await app.assertUnharmed()
  fs.writeFileSync(`${group.dir}/memory.limit_in_bytes`, String(1000 * MB))
  assertTaken(await app.snapshot())
  await app.assertUnharmed()
})
