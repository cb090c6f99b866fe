'use strict'
// "did you mean": the known name with the fewest changed letters, if it is close enough to be a slip of the keyboard.

function distance(a, b) {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      current[j] = Math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + change)
    }
    previous = current
  }
  return previous[b.length]
}

/** The nearest of `known` to `name`, or null where none is near. */
function nearest(name, known) {
  let best = null
  let least = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const steps = distance(name.toLowerCase(), candidate.toLowerCase())
    if (steps < least) {
      least = steps
      best = candidate
    }
  }
  return best
}

/** Letters that both begin with. */
function sameStart(a, b) {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

/** More names than these are a wall that nobody reads: the closest few stand for it. */
const MOST_LISTED = 20
const CLOSEST = 3

const hint = (name, known) => {
  const near = nearest(name, known)
  if (near !== null) return `did you mean '${near}'?`
  if (known.length <= MOST_LISTED) return `known are ${known.join(', ')}`
  const rank = new Map(known.map((each) => [each, [sameStart(name, each), -distance(name.toLowerCase(), each.toLowerCase())]]))
  const closest = known.toSorted((a, b) => rank.get(b)[0] - rank.get(a)[0] || rank.get(b)[1] - rank.get(a)[1]).slice(0, CLOSEST)
  return `of ${known.length} that are known, the closest are ${closest.join(', ')}`
}

module.exports = { nearest, hint }
