// The same by require.
import leakhunt = require('leakhunt')

const hunt: leakhunt.Hunt = leakhunt.start()
hunt.on('skipped', ({ code, message }) => `${code} ${message}`)
hunt.stop()
