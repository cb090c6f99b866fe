// What a test asks of Chrome DevTools: read a whole snapshot, then tell its classes. Bundled by build.js, since DevTools
// ships TypeScript for its own bundler.
import {
  SecondaryInitManager,
} from 'chrome-devtools-frontend/front_end/entrypoints/heap_snapshot_worker/HeapSnapshot.ts'
import {
  HeapSnapshotLoader,
} from 'chrome-devtools-frontend/front_end/entrypoints/heap_snapshot_worker/HeapSnapshotLoader.ts'

// Node 20 has no Promise.withResolvers, which DevTools takes for granted.
Promise.withResolvers ??= function withResolvers() {
  let resolve, reject
  const promise = new Promise((onFulfilled, onRejected) => {
    resolve = onFulfilled
    reject = onRejected
  })
  return { promise, resolve, reject }
}

/** Reads a snapshot from an iterable of strings; resolves to one `{name, count, shallowBytes}` for each class. */
export async function readClasses(chunks) {
  const loader = new HeapSnapshotLoader({ sendEvent() {} })
  for await (const chunk of chunks) loader.write(chunk)
  loader.close()
  await loader.parsingComplete
  const channel = new MessageChannel()
  try {
    // DevTools computes dominators in a second worker; here both ends of the channel live on one thread.
    void new SecondaryInitManager(channel.port2)
    const snapshot = await loader.buildSnapshot(channel.port1)
    const classes = Object.values(snapshot.aggregatesWithFilter({}))
    return {
      nodes: snapshot.nodeCount,
      totalBytes: snapshot.totalSize,
      classes: classes.map(({ name, count, self, maxRet }) => ({ name, count, shallowBytes: self, retainedBytes: maxRet })),
    }
  } finally {
    channel.port1.close()
    channel.port2.close()
  }
}
