'use strict'
// Other code gets hot in each round: feedback, inline caches, maps and machine code grow, nothing else.
const SHAPES = 40

function makeWorkers(round_) {
  return Array.from({ length: SHAPES }, (_, i) => new Function('n', `const o = { a${round_}_${i}: n, b: 1 }; return o.a${round_}_${i} + o.b`))
}

let kept = []

function round(number) {
  // Last round's functions are dropped for this round's, which are as many.
  kept = makeWorkers(number)
  let sum = 0
  for (const worker of kept) for (let n = 0; n < 4000; n++) sum += worker(n)
  return sum
}

module.exports = { round }
