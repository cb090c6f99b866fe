'use strict'
// Objects of which it is known how they look on the heap. Every census and every snapshot from the heap's pages has to show each of them as it is, or is not believed
// (src/pages/landmarks.rs has the other half: whoever changes one changes both). Thirteen kilobytes for each environment, kept as long as it lives, and made in a third of a millisecond.

class LeakhuntLandmark {
  constructor(number) {
    this.number = number
  }
}

class LeakhuntLandmarkMap extends Map {}

class LeakhuntLandmarks {
  #hidden

  constructor(hidden) {
    this.#hidden = hidden
  }

  reveal() {
    return this.#hidden
  }
}

/** Beyond what V8 leaves room for in an object. */
const OUTSIDE = 40
const FAR_AWAY = 1_000_000
const DOUBLES = 100
const BYTES = 4096

function* waiting(landmark) {
  yield landmark
  return landmark
}

function plant() {
  let count = 0
  const landmark = () => new LeakhuntLandmark(++count)
  const landmarks = new LeakhuntLandmarks(landmark())
  landmarks.inside = landmark()
  for (let at = 1; at <= OUTSIDE; at++) landmarks[`outside${at}`] = landmark()
  landmarks.table = { gone: null, entry: landmark() }
  delete landmarks.table.gone
  landmarks.elements = [null, landmark()]
  landmarks.sparse = []
  landmarks.sparse[FAR_AWAY] = landmark()
  const kept = landmark()
  landmarks.closure = function leakhuntLandmark() {
    return kept
  }
  landmarks.map = new LeakhuntLandmarkMap([['key', landmark()]])
  landmarks.set = new Set([landmark()])
  landmarks.key = {}
  landmarks.weakMap = new WeakMap([[landmarks.key, landmark()]])
  landmarks.weakRef = new WeakRef(landmarks.inside)
  // By a name that Node has as well, so that redaction has nothing to say about it.
  landmarks[Symbol('kState')] = landmark()
  landmarks.bound = plant.bind(landmark())
  landmarks.promise = Promise.resolve(landmark())
  landmarks.proxy = new Proxy(landmark(), {})
  landmarks.generator = waiting(landmark())
  landmarks.generator.next()
  Object.defineProperty(landmarks, 'accessor', { get: landmarks.closure, enumerable: true, configurable: true })
  landmarks.buffer = new ArrayBuffer(BYTES)
  landmarks.view = new Uint8Array(landmarks.buffer)
  landmarks.doubles = new Array(DOUBLES).fill(0.5)
  return landmarks
}

let landmarks = null

/** Plants them, once. */
function plantLandmarks() {
  landmarks ??= plant()
}

module.exports = { plantLandmarks }
