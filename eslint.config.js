'use strict'
const js = require('@eslint/js')
const globals = require('globals')

module.exports = [
  { ignores: ['node_modules/', 'target/', 'fuzz/target/', '**/node_modules/', '__test__/devtools/dist/'] },
  js.configs.recommended,
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', ecmaVersion: 2024, globals: { ...globals.node } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-shadow': 'error',
      'no-promise-executor-return': 'off',
      'require-atomic-updates': 'error',
      'no-unused-vars': ['error', { args: 'after-used' }],
      strict: ['error', 'global']
    }
  },
  { files: ['**/*.mjs'], languageOptions: { sourceType: 'module', ecmaVersion: 2024, globals: { ...globals.node } } }
]
