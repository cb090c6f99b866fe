'use strict'
// npm run test:asan: the Rust tests under AddressSanitizer, forks and confined children included. The sanitizer is still behind an unstable flag of rustc's, which
// RUSTC_BOOTSTRAP lets the stable compiler take. The addon inside Node is not covered: Node's own executable would have to be built with the sanitizer.
const { run } = require('./say.js')

/** The sanitizer has a malloc of its own, and this is about glibc's. */
const NOT_HERE = ['--', '--skip', 'a_child_lacks_large_blocks']
const TARGET = 'x86_64-unknown-linux-gnu'

process.exitCode = run('cargo', ['test', '--lib', '--quiet', '--target', TARGET, '--target-dir', 'target/asan', ...NOT_HERE], {
  env: {
    ...process.env,
    RUSTC_BOOTSTRAP: '1',
    RUSTFLAGS: '-Zsanitizer=address',
    // A child that ends by `_exit` frees nothing, on purpose; and a fault is asked for by some tests, whose end by SIGSEGV must stay one.
    ASAN_OPTIONS: 'detect_leaks=0:handle_segv=0:handle_abort=0:handle_sigbus=0:allow_user_segv_handler=1:use_sigaltstack=0',
  },
})
