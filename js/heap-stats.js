'use strict'
// heapStats(): the native figures, with the JavaScript way for the parts of V8 that could not be proven here.
const v8 = require('node:v8')
const { native } = require('./native.js')

function heapFigures() {
  const heap = v8.getHeapStatistics()
  return {
    heapTotalBytes: heap.total_heap_size,
    heapTotalExecutableBytes: heap.total_heap_size_executable,
    heapPhysicalBytes: heap.total_physical_size,
    heapAvailableBytes: heap.total_available_size,
    heapUsedBytes: heap.used_heap_size,
    heapLimitBytes: heap.heap_size_limit,
    externalBytes: heap.external_memory,
    mallocedBytes: heap.malloced_memory,
    peakMallocedBytes: heap.peak_malloced_memory,
    nativeContexts: heap.number_of_native_contexts,
    detachedContexts: heap.number_of_detached_contexts,
    globalHandlesTotalBytes: heap.total_global_handles_size,
    globalHandlesUsedBytes: heap.used_global_handles_size,
  }
}

const spaceFigures = () =>
  v8.getHeapSpaceStatistics().map((space) => ({
    name: space.space_name,
    sizeBytes: space.space_size,
    usedBytes: space.space_used_size,
    availableBytes: space.space_available_size,
    physicalBytes: space.physical_space_size,
  }))

function codeFigures() {
  const code = v8.getHeapCodeStatistics()
  return {
    codeAndMetadataBytes: code.code_and_metadata_size,
    bytecodeAndMetadataBytes: code.bytecode_and_metadata_size,
    externalScriptSourceBytes: code.external_script_source_size,
  }
}

function heapStats() {
  const { heap, spaces, code, ...process_ } = native().heapStats()
  return {
    ...process_,
    ...(heap ?? heapFigures()),
    arrayBuffersBytes: process.memoryUsage().arrayBuffers,
    ...(code ?? codeFigures()),
    spaces: spaces ?? spaceFigures(),
  }
}

module.exports = { heapStats }
