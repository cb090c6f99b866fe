'use strict'
// The TypeScript compiler with a program that it has checked: hundreds of thousands of nodes, symbols and types.
const ts = require('typescript')

const SOURCE = Array.from({ length: 150 }, (_, at) => `
export interface Shape${at} { kind: 'shape${at}'; size: number; next?: Shape${(at + 1) % 150} }
export class Box${at}<T extends Shape${at}> { constructor(private readonly held: T) {} get size(): number { return this.held.size * ${at} } }
export const make${at} = (size: number): Box${at}<Shape${at}> => new Box${at}({ kind: 'shape${at}', size })
`).join('\n')

module.exports = async () => {
  const options = { target: ts.ScriptTarget.ES2020, noLib: true, noEmit: true }
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (name, ...rest) => (name === 'planted.ts' ? ts.createSourceFile(name, SOURCE, ts.ScriptTarget.ES2020, true) : read(name, ...rest))
  const program = ts.createProgram(['planted.ts'], options, host)
  return { program, diagnostics: program.getSemanticDiagnostics().length }
}
