//! V8's exported functions, found by mangled name in the running executable (Itanium C++ ABI; the names are those of Node 20 to 26).
//!
//! A member function takes `this` as its first argument under the System V ABI, so each is an `extern "C"` function here. The
//! signatures were read from `v8-isolate.h`, `v8-profiler.h` and `v8-callbacks.h` of Node 20 and compared with those of 22, 24, 26.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::NonNull;
use std::sync::OnceLock;

pub type RawIsolate = *mut c_void;
pub type GcCallback = unsafe extern "C" fn(RawIsolate, c_int, c_int, *mut c_void);
pub type InterruptCallback = unsafe extern "C" fn(RawIsolate, *mut c_void);
pub type NearHeapLimitCallback = unsafe extern "C" fn(*mut c_void, usize, usize) -> usize;

type AddGcCallback = unsafe extern "C" fn(RawIsolate, GcCallback, *mut c_void, c_int);
type RemoveGcCallback = unsafe extern "C" fn(RawIsolate, GcCallback, *mut c_void);

macro_rules! symbols {
    ($($(#[$doc:meta])* $field:ident : $type:ty = $name:literal;)*) => {
        /// Each function, or `None` where this executable does not export it.
        pub struct Symbols { $($(#[$doc])* pub $field: Option<$type>,)* }

        impl Symbols {
            fn load() -> Self {
                Self { $($field: {
                    let address = address_of($name);
                    // SAFETY: the symbol's mangled name encodes its parameter types, and `$type` is their C equivalent. A null
                    // address becomes `None`, which is what `Option` of a function pointer is for.
                    unsafe { std::mem::transmute::<*mut c_void, Option<$type>>(address) }
                },)* }
            }
        }
    };
}

symbols! {
    try_get_current: unsafe extern "C" fn() -> RawIsolate = c"_ZN2v87Isolate13TryGetCurrentEv";
    get_heap_statistics: unsafe extern "C" fn(RawIsolate, *mut u64) = c"_ZN2v87Isolate17GetHeapStatisticsEPNS_14HeapStatisticsE";
    number_of_heap_spaces: unsafe extern "C" fn(RawIsolate) -> usize = c"_ZN2v87Isolate18NumberOfHeapSpacesEv";
    get_heap_space_statistics: unsafe extern "C" fn(RawIsolate, *mut u64, usize) -> bool = c"_ZN2v87Isolate22GetHeapSpaceStatisticsEPNS_19HeapSpaceStatisticsEm";
    get_code_statistics: unsafe extern "C" fn(RawIsolate, *mut u64) -> bool = c"_ZN2v87Isolate32GetHeapCodeAndMetadataStatisticsEPNS_18HeapCodeStatisticsE";
    add_gc_prologue: AddGcCallback = c"_ZN2v87Isolate21AddGCPrologueCallbackEPFvPS0_NS_6GCTypeENS_15GCCallbackFlagsEPvES4_S2_";
    remove_gc_prologue: RemoveGcCallback = c"_ZN2v87Isolate24RemoveGCPrologueCallbackEPFvPS0_NS_6GCTypeENS_15GCCallbackFlagsEPvES4_";
    add_gc_epilogue: AddGcCallback = c"_ZN2v87Isolate21AddGCEpilogueCallbackEPFvPS0_NS_6GCTypeENS_15GCCallbackFlagsEPvES4_S2_";
    remove_gc_epilogue: RemoveGcCallback = c"_ZN2v87Isolate24RemoveGCEpilogueCallbackEPFvPS0_NS_6GCTypeENS_15GCCallbackFlagsEPvES4_";
    request_interrupt: unsafe extern "C" fn(RawIsolate, InterruptCallback, *mut c_void) = c"_ZN2v87Isolate16RequestInterruptEPFvPS0_PvES2_";
    add_near_heap_limit: unsafe extern "C" fn(RawIsolate, NearHeapLimitCallback, *mut c_void) = c"_ZN2v87Isolate24AddNearHeapLimitCallbackEPFmPvmmES1_";
    remove_near_heap_limit: unsafe extern "C" fn(RawIsolate, NearHeapLimitCallback, usize) = c"_ZN2v87Isolate27RemoveNearHeapLimitCallbackEPFmPvmmEm";
    get_heap_profiler: unsafe extern "C" fn(RawIsolate) -> *mut c_void = c"_ZN2v87Isolate15GetHeapProfilerEv";
    take_heap_snapshot: unsafe extern "C" fn(*mut c_void, *const u64) -> *const c_void = c"_ZN2v812HeapProfiler16TakeHeapSnapshotERKNS0_19HeapSnapshotOptionsE";
    low_memory_notification: unsafe extern "C" fn(RawIsolate) = c"_ZN2v87Isolate21LowMemoryNotificationEv";
    serialize_snapshot: unsafe extern "C" fn(*const c_void, *mut c_void, c_int) = c"_ZNK2v812HeapSnapshot9SerializeEPNS_12OutputStreamENS0_19SerializationFormatE";
}

/// The functions of this process, looked up once: they are a property of the executable, not of an isolate.
pub fn symbols() -> &'static Symbols {
    static SYMBOLS: OnceLock<Symbols> = OnceLock::new();
    SYMBOLS.get_or_init(Symbols::load)
}

/// Where the executable has a piece of data of this name.
pub(super) fn data_address(name: &CStr) -> Option<NonNull<c_void>> {
    NonNull::new(address_of(name))
}

fn address_of(name: &CStr) -> *mut c_void {
    // SAFETY: `name` is a NUL-terminated string; RTLD_DEFAULT searches what is loaded and runs no code of ours.
    unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr().cast::<c_char>()) }
}
