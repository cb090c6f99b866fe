'use strict'
// File systems of an app's own, in a mount namespace that goes with the app: nothing of them is seen outside, and nothing has to be unmounted.
const { spawnSync } = require('node:child_process')

/** The command that runs another one with a tmpfs at `dir`; null, and the test is skipped, where that may not be done. */
function withinTmpfs(t, dir, options) {
  const within = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs -o "$1" tmpfs "$0" && shift && exec "$@"', dir, options]
  const { status, stderr, error } = spawnSync(within[0], [...within.slice(1), 'true'])
  if (status === 0) return within
  t.skip(`no mounts of our own here: ${error?.message ?? String(stderr).trim()}`)
  return null
}

/** Mounts anew what the app with this pid sees at `dir`. */
function remount(pid, dir, options) {
  const { status, stderr } = spawnSync('nsenter', ['--mount', '--target', String(pid), 'mount', '-o', `remount,${options}`, dir])
  if (status !== 0) throw new Error(String(stderr))
}

module.exports = { withinTmpfs, remount }
