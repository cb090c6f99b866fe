'use strict'
// `npm run build`: the release addon, where js/native.js looks for it. Cargo does the work; Node wants another name for the file.
const fs = require('node:fs')
const path = require('node:path')
const { ROOT, must } = require('./say.js')
const ADDON = require('../js/addon-name.js')

must('cargo', ['build', '--release', '--locked'])
const built = path.join(process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target'), 'release', 'libleakhunt.so')
const addon = path.join(ROOT, 'js', ADDON)
// A new file under a new inode: a process that has the old one loaded keeps it whole.
fs.copyFileSync(built, `${addon}.partial`)
fs.renameSync(`${addon}.partial`, addon)
