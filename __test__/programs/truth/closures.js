'use strict'
// Closures over one, many and no variables, over each other, with eval, with a name of their own, with default parameters, and bound or hot ones.
const { many } = require('./many.js')

class PlantedCaptured {
  constructor(number) {
    this.number = number
    this.bulk = many(5, (at) => ({ at }))
  }
}

function wide(number) {
  // More variables than V8 keeps in one list.
  return new Function('number', `${many(100, (at) => `let v${at} = { at: ${at} };`).join('')} return () => [${many(100, (at) => `v${at}`).join()}, number]`)(number)
}

module.exports = async () => {
  const hot = many(20, (number) => (value) => value + number)
  for (const each of hot) for (let at = 0; at < 20_000; at++) each(at)
  const deep = many(100, (number) => [0, 1, 2, 3, 4].reduce((inner, level) => () => [inner, level], new PlantedCaptured(number)))
  return {
    hot, deep,
    one: many(2000, (number) => { const captured = new PlantedCaptured(number); return () => captured }),
    pairs: many(500, (number) => { const captured = new PlantedCaptured(number); let count = 0; return { up: () => count++, show: () => [captured, count] } }),
    wide: many(30, (number) => wide(number)),
    evaluated: many(50, (number) => { const captured = new PlantedCaptured(number); return [captured.number, eval('() => captured')] }),
    sloppyEval: many(50, (number) => new Function('captured', 'return function () { eval("var added = { number: 1 }"); return () => [captured, added] }()')(new PlantedCaptured(number))),
    named: many(200, (number) => function own(depth) { return depth > number ? own(depth - 1) : depth }),
    defaults: many(200, (number) => { const captured = new PlantedCaptured(number); return (value = captured, other = () => value) => other }),
    bound: many(300, (number) => wide.bind(new PlantedCaptured(number), { number })),
    loops: many(100, () => { const all = []; for (let at = 0; at < 5; at++) all.push(() => at); return all }),
    caught: many(100, (number) => { try { throw new PlantedCaptured(number) } catch (error) { return () => error } }),
    withScope: many(30, (number) => new Function('object', 'with (object) { return () => held }')({ held: new PlantedCaptured(number) })),
    accessors: many(100, (number) => Object.defineProperty(() => number, 'own', { get: () => number })),
    constructed: many(100, (number) => { function Made() { this.number = number } Made.prototype.held = { number }; return new Made() }),
  }
}
