'use strict'
// Data as programs have it: large JSON, structured clones with cycles, tables by key and by number, and trees.
const { many } = require('./many.js')

class PlantedTree {
  constructor(depth) {
    this.children = depth === 0 ? [] : many(6, () => new PlantedTree(depth - 1))
    for (const child of this.children) child.parent = this
  }
}

module.exports = async () => {
  const records = many(5000, (id) => ({ id, name: `record ${id}`, tags: ['a', `b${id % 10}`], nested: { lat: id / 7, lon: id / 3, extra: null }, [`k${id % 50}`]: true }))
  const text = JSON.stringify(records)
  const cyclic = { name: 'ring', when: new Date(0), pattern: /x/g, map: new Map([[{ a: 1 }, new Set([1, 'two'])]]), error: new RangeError('cloned') }
  cyclic.self = cyclic
  let list = null
  for (let at = 0; at < 50_000; at++) list = { next: list, at }
  return {
    parsed: JSON.parse(text),
    text,
    clones: many(200, () => structuredClone(cyclic)),
    byKey: Object.fromEntries(records.map((record) => [record.name, record])),
    byNumber: Object.fromEntries(records.map((record) => [record.id * 1000, record])),
    map: new Map(records.map((record) => [record.name, { record }])),
    grouped: Map.groupBy?.(records, (record) => record.tags[1]) ?? null,
    tree: new PlantedTree(5),
    list,
    emptied: many(100, (number) => { const map = new Map(many(100, (at) => [at, { at, number }])); for (let at = 0; at < 95; at++) map.delete(at); return map }),
    iterators: many(100, () => { const iterator = new Map([[{}, {}]]).entries(); iterator.next(); return iterator }),
  }
}
