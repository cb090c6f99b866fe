'use strict'
// Bundles DevTools' reader into dist/reader.mjs; run by scripts/setup.js with this folder's own node_modules.
const path = require('node:path')
const { build } = require('esbuild')

// The one file that DevTools' own build writes and its package leaves out: which languages there are. We need no words.
const locales = {
  name: 'locales',
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\/locales\.js$/ }, () => ({ path: 'locales', namespace: 'generated' }))
    bundler.onLoad({ filter: /.*/, namespace: 'generated' }, () => ({
      contents: `
        export const LOCALES = ['en-US'], BUNDLED_LOCALES = ['en-US'], DEFAULT_LOCALE = 'en-US'
        export const LOCAL_FETCH_PATTERN = '', REMOTE_FETCH_PATTERN = ''`,
    }))
  },
}

build({
  entryPoints: [path.join(__dirname, 'entry.mjs')],
  outfile: path.join(__dirname, 'dist', 'reader.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'error',
  plugins: [locales],
}).catch(() => {
  process.exitCode = 1
})
