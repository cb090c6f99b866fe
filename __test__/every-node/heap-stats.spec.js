'use strict'
const assert = require('node:assert')
const fs = require('node:fs')
const { test } = require('node:test')
const v8 = require('node:v8')
const leakhunt = require('../../js/index.js')

// Both are read one after the other, and reading allocates: equal to what that can be.
const MOVED = 1024 * 1024

function near(ours, theirs, name) {
  assert.strictEqual(typeof ours, 'number', name)
  assert.ok(Math.abs(ours - theirs) <= MOVED, `${name}: ${ours} here, ${theirs} by node:v8`)
}

test('the native way works on this Node', () => {
  const { heapStatistics, heapSpaceStatistics, codeStatistics, gcCallbacks, interrupts, heapSnapshot, fork } = leakhunt.capabilities()
  const native = { available: true, way: 'native', reason: null }
  for (const each of [heapStatistics, heapSpaceStatistics, codeStatistics, gcCallbacks, interrupts, heapSnapshot]) {
    assert.deepStrictEqual(each, native)
  }
  assert.deepStrictEqual(fork, { ...native, proven: false, forkHandlers: [] })
})

test('heapStats() agrees with v8.getHeapStatistics()', () => {
  const theirs = v8.getHeapStatistics()
  const ours = leakhunt.heapStats()
  near(ours.heapUsedBytes, theirs.used_heap_size, 'heapUsedBytes')
  near(ours.heapTotalBytes, theirs.total_heap_size, 'heapTotalBytes')
  near(ours.heapPhysicalBytes, theirs.total_physical_size, 'heapPhysicalBytes')
  near(ours.externalBytes, theirs.external_memory, 'externalBytes')
  near(ours.mallocedBytes, theirs.malloced_memory, 'mallocedBytes')
  near(ours.peakMallocedBytes, theirs.peak_malloced_memory, 'peakMallocedBytes')
  near(ours.heapTotalExecutableBytes, theirs.total_heap_size_executable, 'heapTotalExecutableBytes')
  assert.strictEqual(ours.heapLimitBytes, theirs.heap_size_limit)
  assert.strictEqual(ours.nativeContexts, theirs.number_of_native_contexts)
  assert.strictEqual(ours.detachedContexts, theirs.number_of_detached_contexts)
})

test('heapStats() has every heap space with its figures', () => {
  const theirs = v8.getHeapSpaceStatistics()
  const ours = leakhunt.heapStats().spaces
  assert.deepStrictEqual(
    ours.map(({ name }) => name),
    theirs.map(({ space_name }) => space_name),
  )
  for (const [i, space] of theirs.entries()) {
    near(ours[i].usedBytes, space.space_used_size, `${space.space_name} used`)
    near(ours[i].sizeBytes, space.space_size, `${space.space_name} size`)
    near(ours[i].physicalBytes, space.physical_space_size, `${space.space_name} physical`)
  }
})

test('heapStats() sees an array buffer come, and tells the rest of the process', () => {
  const SIZE = 64 * MOVED
  const before = leakhunt.heapStats()
  const buffer = new Uint8Array(SIZE).fill(1)
  const after = leakhunt.heapStats()
  assert.ok(after.externalBytes - before.externalBytes >= SIZE - MOVED, 'external memory grew by the buffer')
  assert.ok(after.arrayBuffersBytes - before.arrayBuffersBytes >= buffer.length, 'so did array buffers')
  assert.ok(after.rssBytes >= buffer.length, 'the buffer is resident')
  assert.ok(after.peakRssBytes >= after.rssBytes)

  const status = fs.readFileSync('/proc/self/status', 'utf8')
  const kilobytes = (name) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)[1])
  assert.ok(Math.abs(leakhunt.heapStats().rssBytes - kilobytes('VmRSS')) < 16 * MOVED)
  assert.strictEqual(after.codeSegmentBytes, kilobytes('VmExe') + kilobytes('VmLib'))
  assert.ok(after.stackBytes > 0)
})
