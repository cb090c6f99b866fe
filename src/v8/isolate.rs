//! A handle to the isolate (one JavaScript heap with its thread).

use super::symbols::{RawIsolate, symbols};
use std::ptr::NonNull;

/// The isolate that an environment runs in. Every method has to be called on that isolate's thread; the exception says so.
///
/// The handle is valid while its environment is alive. Whoever keeps one beyond a call keeps it no longer than the environment's
/// clean-up hook: the recorder joins its threads there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isolate(NonNull<std::ffi::c_void>);

// SAFETY: the handle is an address; sending it is harmless. The background threads that hold one only ever call
// `request_interrupt` with it, which V8 documents as callable from any thread, and they are joined before the isolate goes.
unsafe impl Send for Isolate {}
// SAFETY: as for `Send`: shared use is `request_interrupt` alone.
unsafe impl Sync for Isolate {}

impl Isolate {
    /// The isolate entered by the calling thread; `None` outside of one, or where the executable does not export V8.
    pub fn current() -> Option<Self> {
        let current = symbols().try_get_current?;
        // SAFETY: takes nothing and reads a thread-local of V8's.
        NonNull::new(unsafe { current() }).map(Self)
    }

    /// Where the isolate is in memory: what tells its pages from those of another isolate of the process.
    pub fn address(self) -> usize {
        self.0.as_ptr() as usize
    }

    /// Collects all garbage that can be collected, as V8 does when memory is short: several full collections, until weak callbacks free no more. Takes
    /// seconds for a large heap, and calls destructors of other addons: meant for a forked child. `false` where V8 does not offer it.
    pub fn collect_all_garbage(self) -> bool {
        let Some(collect) = symbols().low_memory_notification else { return false };
        // SAFETY: on the isolate's thread and outside a collection (duty of the type). JavaScript that an interrupt has stopped has its pointers where V8 finds them.
        unsafe { collect(self.raw()) };
        true
    }

    pub(super) fn raw(self) -> RawIsolate {
        self.0.as_ptr()
    }

    /// The isolate that V8 passes to a callback.
    pub(super) fn from_callback(raw: RawIsolate) -> Option<Self> {
        NonNull::new(raw).map(Self)
    }
}
