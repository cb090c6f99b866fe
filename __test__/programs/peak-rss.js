'use strict'
// Preloaded into a program: writes how much memory it held at most, in kilobytes, into the file that PEAK_RSS_FILE names.
const fs = require('node:fs')

process.on('exit', () => fs.writeFileSync(process.env.PEAK_RSS_FILE, String(process.resourceUsage().maxRSS)))
