'use strict'
// Takes two snapshots and a census: node engine.js DIR ENGINE [impostor]. With the third argument there is one object more of a class that leakhunt has planted so many of, as if the pages
// had come out wrong.
const leakhunt = require('../../js/index.js')

const [dir, engine, impostor] = process.argv.slice(2)

if (impostor !== undefined) {
  class LeakhuntLandmark {}
  globalThis.impostor = new LeakhuntLandmark()
}

const refusal = ({ code, message }) => ({ code, message })

async function main() {
  const hunt = leakhunt.start({ dir, rules: [], growth: false, hunt: false, capture: { engine }, limits: { minFreeDiskBytes: 0 } })
  const errors = []
  hunt.on('error', (error) => errors.push(refusal(error)))
  const snapshots = []
  for (let number = 0; number < 2; number++) snapshots.push(await hunt.snapshot().then(({ path, engine: by, mode, attempts }) => ({ path, engine: by, mode, attempts }), refusal))
  const census = await hunt.census().then(({ totalCount }) => ({ totalCount }), refusal)
  const { pages } = leakhunt.capabilities()
  hunt.stop()
  process.stdout.write(JSON.stringify({ snapshots, census, errors, pages }))
}

setImmediate(main)
