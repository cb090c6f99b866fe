'use strict'
// WebAssembly: modules, instances, memories, tables and globals, and functions that go in and out.
const { many } = require('./many.js')

// (module (import "e" "f" (func (param i32))) (memory (export "m") 1) (table (export "t") 2 funcref) (global (export "g") (mut i32) (i32.const 7))
//   (func (export "a") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add) (elem (i32.const 0) 1))
const BYTES = Buffer.from(
  '0061736d01000000' + '010b0260017f0060027f7f017f' + '0207010165016600' + '00' + '03020101' + '0404017000' + '02' + '0503010001' + '0606017f0141070b' +
    '0711' + '04' + '016d0200' + '01740100' + '01670300' + '01610001' + '0907010041000b0101' + '0a09010700200020016a0b',
  'hex',
)

class PlantedInstance {
  constructor(module, number) {
    this.calls = []
    this.instance = new WebAssembly.Instance(module, { e: { f: (value) => this.calls.push({ value, number }) } })
    this.sum = this.instance.exports.a(number, 1)
  }
}

module.exports = async () => {
  const module = new WebAssembly.Module(BYTES)
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 4 })
  return {
    module,
    memory,
    view: new Uint8Array(memory.buffer, 10, 20),
    instances: many(200, (number) => new PlantedInstance(module, number)),
    global: new WebAssembly.Global({ value: 'externref', mutable: true }, { held: 'by a global' }),
    table: new WebAssembly.Table({ element: 'externref', initial: 3 }, { held: 'by a table' }),
    tag: new WebAssembly.Tag({ parameters: ['i32'] }),
  }
}
