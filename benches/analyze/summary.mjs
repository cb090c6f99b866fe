// Chrome DevTools' own worker code: reads one snapshot (dominators, retained sizes) and lists the classes.
import fs from 'node:fs'
import { readClasses } from '../../__test__/devtools/dist/reader.mjs'

const { nodes, classes } = await readClasses(fs.createReadStream(process.argv[2], 'utf8'))
console.log(`${nodes} nodes, ${classes.length} classes`)
