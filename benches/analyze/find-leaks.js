'use strict'
// memlab's find-leaks over three snapshots.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { ConsoleMode, findLeaksBySnapshotFilePaths } = require('@memlab/api')

const workDir = fs.mkdtempSync(path.join(os.tmpdir(), 'leakhunt-bench-memlab-'))
const done = findLeaksBySnapshotFilePaths(...process.argv.slice(2, 5), { workDir, consoleMode: ConsoleMode.SILENT })
done
  .then((leaks) => console.log(`${leaks.length} leaks`))
  .finally(() => fs.rmSync(workDir, { recursive: true, force: true }))
