//! `HeapProfiler::TakeHeapSnapshot` and `HeapSnapshot::Serialize`, with an output stream made by hand.
//!
//! `v8::OutputStream` is a C++ class with virtual members only, so an object whose first word points to a table of functions in the
//! order of `v8-profiler.h` is one. Under the Itanium ABI a virtual destructor takes two entries: complete and deleting.

use super::Isolate;
use super::symbols::symbols;
use std::ffi::{c_char, c_int, c_void};

/// Takes the snapshot's JSON text, chunk by chunk. `false` ends the serialisation early.
pub trait SnapshotOutput {
    fn write(&mut self, chunk: &[u8]) -> bool;
}

/// V8 copies into a buffer of this size before each call; larger ones were accepted and gained nothing.
const CHUNK_BYTES: c_int = 1 << 16;
const CONTINUE: c_int = 0;
const ABORT: c_int = 1;
const FORMAT_JSON: c_int = 0;

#[repr(C)]
struct VTable<O> {
    complete_destructor: unsafe extern "C" fn(*mut Stream<O>),
    deleting_destructor: unsafe extern "C" fn(*mut Stream<O>),
    end_of_stream: unsafe extern "C" fn(*mut Stream<O>),
    get_chunk_size: unsafe extern "C" fn(*mut Stream<O>) -> c_int,
    write_ascii_chunk: unsafe extern "C" fn(*mut Stream<O>, *const c_char, c_int) -> c_int,
    write_heap_stats_chunk: unsafe extern "C" fn(*mut Stream<O>, *mut c_void, c_int) -> c_int,
}

#[repr(C)]
struct Stream<O> {
    table: *const VTable<O>,
    output: O,
}

unsafe extern "C" fn destroy<O>(_: *mut Stream<O>) {}
unsafe extern "C" fn end<O>(_: *mut Stream<O>) {}
unsafe extern "C" fn chunk_size<O>(_: *mut Stream<O>) -> c_int {
    CHUNK_BYTES
}
unsafe extern "C" fn no_heap_stats<O>(_: *mut Stream<O>, _: *mut c_void, _: c_int) -> c_int {
    ABORT
}
unsafe extern "C" fn write<O: SnapshotOutput>(stream: *mut Stream<O>, data: *const c_char, length: c_int) -> c_int {
    // SAFETY: V8 hands back the stream that `take_snapshot` lent it for the length of `Serialize`, from that thread alone.
    let stream = unsafe { &mut *stream };
    // SAFETY: V8's chunk: `length` bytes that stay in place during this call.
    let chunk = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), usize::try_from(length).unwrap_or(0)) };
    if stream.output.write(chunk) { CONTINUE } else { ABORT }
}

impl Isolate {
    /// Takes a heap snapshot and streams its JSON into `output`. Stops this thread for seconds: meant for a forked child.
    ///
    /// The snapshot is not deleted afterwards, on purpose: the child that called this is about to end, and freeing
    /// the ten-fold of a heap is work for nothing. `None` where V8 does not offer it.
    pub fn take_snapshot<O: SnapshotOutput>(self, output: O) -> Option<O> {
        let all = symbols();
        let (profiler, take, serialize) = (all.get_heap_profiler?, all.take_heap_snapshot?, all.serialize_snapshot?);
        // `HeapSnapshotOptions` is pointers and enums whose defaults are all zero; 16 words are more than any version has.
        let options = [0u64; 16];
        // SAFETY: on the isolate's thread; `options` outlives the call.
        let snapshot = unsafe { take(profiler(self.raw()), options.as_ptr()) };
        if snapshot.is_null() {
            return None;
        }
        let table = VTable {
            complete_destructor: destroy::<O>,
            deleting_destructor: destroy::<O>,
            end_of_stream: end::<O>,
            get_chunk_size: chunk_size::<O>,
            write_ascii_chunk: write::<O>,
            write_heap_stats_chunk: no_heap_stats::<O>,
        };
        let mut stream = Stream { table: &raw const table, output };
        // SAFETY: `stream` has the layout of a `v8::OutputStream`, and it and its table outlive the call.
        unsafe { serialize(snapshot, (&raw mut stream).cast::<c_void>(), FORMAT_JSON) };
        Some(stream.output)
    }

    /// Lets this heap grow to four times its limit: for the forked child, which must not die of a limit that was the parent's.
    pub fn quadruple_heap_limit_when_near(self) {
        unsafe extern "C" fn quadruple(_: *mut c_void, current: usize, _initial: usize) -> usize {
            current.saturating_mul(4)
        }
        if let Some(add) = symbols().add_near_heap_limit {
            // SAFETY: on the isolate's thread; the callback needs no data.
            unsafe { add(self.raw(), quadruple, std::ptr::null_mut()) };
        }
    }
}
