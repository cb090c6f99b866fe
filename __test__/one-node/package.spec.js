'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const path = require('node:path')
const { execFileSync } = require('node:child_process')
const { test } = require('node:test')
const { ROOT } = require('../program.js')

const manifest = require('../../package.json')
const LOCKS = ['.', '__test__/nodes', '__test__/devtools']

test('the declarations are accepted by tsc --strict, in a user\'s words too', () => {
  const tsc = path.join(ROOT, 'node_modules', '.bin', 'tsc')
  try {
    execFileSync(tsc, ['--project', '__test__/types'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' })
  } catch ({ stdout, stderr }) {
    assert.fail(`${stdout}${stderr}`)
  }
})

test('the declarations have every function of the API, and no other', () => {
  const text = fs.readFileSync(path.join(ROOT, 'js', 'index.d.ts'), 'utf8')
  const declared = [...text.matchAll(/^export (?:function|const|class) (\w+)/gm)].map(([, name]) => name)
  // A function may have several declarations.
  assert.deepStrictEqual([...new Set(declared)].toSorted(), Object.keys(require('../../js/index.js')).toSorted())
})

test('nothing runs at install, and nothing is needed at run time', () => {
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) assert.ok(!(script in manifest.scripts), script)
  assert.strictEqual(manifest.dependencies, undefined)
})

test('lock files are whole and hold no addresses', () => {
  for (const folder of LOCKS) {
    const text = fs.readFileSync(path.join(ROOT, folder, 'package-lock.json'), 'utf8')
    assert.ok(!/"resolved": "https?:/.test(text), folder)
    const { dependencies, devDependencies, optionalDependencies } = require(path.join(ROOT, folder, 'package.json'))
    const locked = JSON.parse(text).packages['']
    assert.deepStrictEqual([locked.devDependencies, locked.optionalDependencies, locked.dependencies], [devDependencies, optionalDependencies, dependencies], folder)
  }
})

test('the package has the program and its addon, and nothing of the workshop', () => {
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  const names = files.map((file) => file.path)
  for (const needed of ['js/index.js', 'js/index.d.ts', 'js/register.js', 'js/cli.js', 'js/demo/leaking/server.js', 'LICENSE', 'package.json', 'README.md']) {
    assert.ok(names.includes(needed), needed)
  }
  assert.ok(names.some((name) => name.endsWith('.node')), 'the addon')
  for (const name of names) assert.match(name, /^(js\/|LICENSE$|README\.md$|package\.json$)/)
})
