'use strict'
// Tables that are worked out when they are first needed: most at once, the last ones late, none twice.
class Table {
  constructor(name) {
    this.name = name
    this.rows = Array.from({ length: 20 }, (_, row) => ({ row, value: `${name} ${row}` }))
  }
}

const tables = new Map()
const TABLES = 40

function table(name) {
  if (!tables.has(name)) tables.set(name, new Table(name))
  return tables.get(name)
}

function round(number) {
  // In the second round all of them have been asked for.
  for (let i = 0; i < 2000; i++) table(`table ${(i * (number + 1)) % (number === 0 ? TABLES - 10 : TABLES)}`)
}

module.exports = { round }
