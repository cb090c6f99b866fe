// Takes a snapshot after each thousand of orders, and tells where they are. Arguments: where leakhunt is, and a directory.
import { createRequire } from 'node:module'
import { placeOrder, total, watchOrder } from './orders.js'

interface Hunt {
  snapshot(): Promise<{ path: string }>
  stop(): void
}

async function main(leakhunt: { start(options: object): Hunt }, dir: string): Promise<void> {
  const hunt = leakhunt.start({ dir, rules: [], growth: false, capture: { nice: 0 } })
  const paths: string[] = []
  for (let round = 0; round < 3; round++) {
    for (let id = 0; id < 1000; id++) {
      placeOrder(id)
      watchOrder(id)
    }
    paths.push((await hunt.snapshot()).path)
  }
  hunt.stop()
  process.stdout.write(JSON.stringify({ paths, total: total() }))
}

const [, here, library, dir] = process.argv
main(createRequire(here)(library), dir)
