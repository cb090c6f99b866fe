// The same by require.
import leakhunt = require('leakhunt')

const hunt: leakhunt.Hunt = leakhunt.start()
hunt.on('skipped', ({ code, message }) => `${code} ${message}`)
hunt.census().then(({ classes, totalBytes }) => classes.map(({ name, kind, location, count, bytes, ownedBytes }) => `${kind} ${name} ${location ?? ''} ${count} ${bytes / totalBytes} ${ownedBytes}`))
hunt.stop()
