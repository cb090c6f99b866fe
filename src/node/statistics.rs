//! `heapStats()`: the memory scheme of a process, in one call.

use crate::os::cgroup::Cgroup;
use crate::os::memory::process_memory;
use crate::v8::capabilities::{Capabilities, Capability};
use crate::v8::{Isolate, Word};
use napi_derive::napi;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// Every figure that native code can read, in bytes unless its name says otherwise. A part whose native way is off is null, and JavaScript fills it in.
/// About 30 microseconds, nearly all of it `/proc`; the heap's own figures take less than one.
#[napi(ts_return_type = "Record<string, unknown>")]
pub fn heap_stats() -> Value {
    let native = Capabilities::get();
    let isolate_for = |pick: fn(&Capabilities) -> &Capability| {
        Isolate::current().filter(|_| native.is_some_and(|all| pick(all).is_native()))
    };
    let heap = isolate_for(|all| &all.heap_statistics).and_then(Isolate::heap_statistics);
    let spaces = isolate_for(|all| &all.heap_space_statistics).and_then(Isolate::heap_spaces);
    let code = isolate_for(|all| &all.code_statistics).and_then(Isolate::code_statistics);
    let memory = process_memory().unwrap_or_default();
    let cgroup = cgroup().and_then(Cgroup::memory);
    json!({
        "rssBytes": memory.resident,
        "peakRssBytes": memory.peak_resident,
        "codeSegmentBytes": memory.code_segment,
        "stackBytes": memory.stack,
        "cgroupLimitBytes": cgroup.map(|memory| memory.limit),
        "cgroupUsedBytes": cgroup.map(|memory| memory.used),
        "heap": heap.map(|heap| json!({
            "heapTotalBytes": heap.total(),
            "heapTotalExecutableBytes": heap.get(Word::TotalHeapSizeExecutable),
            "heapPhysicalBytes": heap.get(Word::TotalPhysicalSize),
            "heapAvailableBytes": heap.get(Word::TotalAvailableSize),
            "heapUsedBytes": heap.used(),
            "heapLimitBytes": heap.limit(),
            "externalBytes": heap.external(),
            "mallocedBytes": heap.malloced(),
            "peakMallocedBytes": heap.get(Word::PeakMallocedMemory),
            "nativeContexts": heap.get(Word::NumberOfNativeContexts),
            "detachedContexts": heap.get(Word::NumberOfDetachedContexts),
            "globalHandlesTotalBytes": heap.get(Word::TotalGlobalHandlesSize),
            "globalHandlesUsedBytes": heap.get(Word::UsedGlobalHandlesSize),
        })),
        "spaces": spaces.map(|spaces| spaces.into_iter().map(|space| json!({
            "name": space.name,
            "sizeBytes": space.size,
            "usedBytes": space.used,
            "availableBytes": space.available,
            "physicalBytes": space.physical,
        })).collect::<Vec<_>>()),
        "code": code.map(|code| json!({
            "codeAndMetadataBytes": code.code_and_metadata,
            "bytecodeAndMetadataBytes": code.bytecode_and_metadata,
            "externalScriptSourceBytes": code.external_script_source,
        })),
    })
}

/// A process stays in its cgroup; finding it reads two files.
fn cgroup() -> Option<&'static Cgroup> {
    static CGROUP: OnceLock<Option<Cgroup>> = OnceLock::new();
    CGROUP.get_or_init(Cgroup::find).as_ref()
}
