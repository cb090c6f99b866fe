// What a test asks of Chrome DevTools: read a whole snapshot, then tell what it computes about every object and class, and the
// difference of two. Bundled by build.js, since DevTools ships TypeScript for its own bundler.
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

/** Reads a snapshot from an iterable of strings; resolves to DevTools' own object. */
export async function readSnapshot(chunks) {
  const loader = new HeapSnapshotLoader({ sendEvent() {} })
  for await (const chunk of chunks) loader.write(chunk)
  loader.close()
  await loader.parsingComplete
  const channel = new MessageChannel()
  try {
    // DevTools computes dominators in a second worker; here both ends of the channel live on one thread.
    void new SecondaryInitManager(channel.port2)
    return await loader.buildSnapshot(channel.port1)
  } finally {
    channel.port1.close()
    channel.port2.close()
  }
}

const told = ({ name, count, self, maxRet }) => ({ name, count, shallowBytes: self, retainedBytes: maxRet })

/** Reads a snapshot from an iterable of strings; resolves to one `{name, count, shallowBytes, retainedBytes}` for each class. */
export async function readClasses(chunks) {
  const snapshot = await readSnapshot(chunks)
  const classes = Object.values(snapshot.aggregatesWithFilter({})).map(told)
  return { nodes: snapshot.nodeCount, totalBytes: snapshot.totalSize, classes }
}

/** Columns with one entry for each object of a snapshot, in the file's order. */
export function objectsOf(snapshot) {
  const columns = { ids: [], shallowBytes: [], retainedBytes: [], dominators: [], classNames: [] }
  const node = snapshot.createNode(0)
  for (let ordinal = 0; ordinal < snapshot.nodeCount; ordinal++) {
    node.nodeIndex = ordinal * snapshot.nodeFieldCount
    columns.ids.push(node.id())
    columns.shallowBytes.push(node.selfSize())
    columns.retainedBytes.push(node.retainedSize())
    columns.dominators.push(node.dominatorIndex() / snapshot.nodeFieldCount)
    columns.classNames.push(node.className())
  }
  return columns
}

/**
 * From here on, classes are groups of one name: no interfaces are inferred for plain objects, which DevTools itself does without
 * in comparisons, and constructors of one name at two places in the source are one class.
 */
export function groupByName(snapshot) {
  snapshot.getLocation = () => null
  snapshot.applyInterfaceDefinitions([])
}

/** The classes of a snapshot, as DevTools' summary lists them. */
export const classesOf = (snapshot) => Object.values(snapshot.aggregatesWithFilter({})).map(told)

/** The ids of native objects that it calls detached. */
export function detachedOf(snapshot) {
  const detached = []
  const node = snapshot.createNode(0)
  for (let ordinal = 0; ordinal < snapshot.nodeCount; ordinal++) {
    node.nodeIndex = ordinal * snapshot.nodeFieldCount
    if (node.type() === 'native' && node.detachedness() === 2) detached.push(node.id())
  }
  return detached
}

/** Texts of which there is more than one string. */
export const duplicatesOf = (snapshot) =>
  snapshot.getDuplicateStrings().map(({ value, count, totalSelfSize }) => ({ text: value, count, shallowBytes: totalSelfSize }))

/** What came and went between two snapshots that are grouped by name, by class. */
export function diffOf(before, after) {
  const diff = after.calculateSnapshotDiff('before', before.aggregatesForDiff('[]'))
  return Object.values(diff).map(({ name, addedCount, removedCount, addedIds, deletedIds }) => ({
    name,
    added: addedCount,
    removed: removedCount,
    addedIds,
    removedIds: deletedIds,
  }))
}
