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

    pub(super) fn raw(self) -> RawIsolate {
        self.0.as_ptr()
    }

    /// The isolate that V8 passes to a callback.
    pub(super) fn from_callback(raw: RawIsolate) -> Option<Self> {
        NonNull::new(raw).map(Self)
    }
}
