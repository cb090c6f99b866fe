//! GC prologue and epilogue callbacks (`Isolate::AddGCPrologueCallback`, `AddGCEpilogueCallback`), as a guard.

use super::Isolate;
use super::symbols::{RawIsolate, symbols};
use std::ffi::{c_int, c_void};
use std::ptr::NonNull;

/// `v8::GCType`: one bit for each kind of collection. `perf_hooks` uses the same numbers for its `gc` entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GcKind {
    Scavenge,
    MinorMarkSweep,
    MarkSweepCompact,
    IncrementalMarking,
    WeakCallbacks,
    /// A bit that no Node from 20 to 26 has.
    Other(u32),
}

impl GcKind {
    const ALL: c_int = 0x1f;

    pub fn from_bits(bits: u32) -> Self {
        match bits {
            1 => Self::Scavenge,
            2 => Self::MinorMarkSweep,
            4 => Self::MarkSweepCompact,
            8 => Self::IncrementalMarking,
            16 => Self::WeakCallbacks,
            other => Self::Other(other),
        }
    }

    pub fn bits(self) -> u32 {
        match self {
            Self::Scavenge => 1,
            Self::MinorMarkSweep => 2,
            Self::MarkSweepCompact => 4,
            Self::IncrementalMarking => 8,
            Self::WeakCallbacks => 16,
            Self::Other(bits) => bits,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Scavenge => "scavenge",
            Self::MinorMarkSweep => "minor-mark-sweep",
            Self::MarkSweepCompact => "mark-sweep-compact",
            Self::IncrementalMarking => "incremental-marking",
            Self::WeakCallbacks => "weak-callbacks",
            Self::Other(_) => "other",
        }
    }
}

/// What is called around each collection, on the isolate's thread, with the world stopped. It must neither allocate on the heap,
/// nor wait for a lock, nor call JavaScript, nor panic.
pub trait GcListener {
    fn prologue(&self, isolate: Isolate, kind: GcKind);
    fn epilogue(&self, isolate: Isolate, kind: GcKind);
}

/// The callbacks of one environment; dropping the guard removes them.
pub struct GcHooks<L: GcListener> {
    isolate: Isolate,
    /// Owned; from `Box::into_raw`, so that V8's copy of the address and ours come from one place.
    listener: NonNull<L>,
}

impl<L: GcListener> GcHooks<L> {
    /// Both callbacks, for every kind. `None` where one of the four functions is missing.
    pub fn install(isolate: Isolate, listener: L) -> Option<Self> {
        let all = symbols();
        let (add_prologue, add_epilogue) = (all.add_gc_prologue?, all.add_gc_epilogue?);
        all.remove_gc_prologue.and(all.remove_gc_epilogue)?;
        let listener = NonNull::from(Box::leak(Box::new(listener)));
        let data = listener.as_ptr().cast::<c_void>();
        // SAFETY: on the isolate's thread, outside a collection (we come from an N-API call); `data` lives until `drop` has removed both.
        unsafe {
            add_prologue(isolate.raw(), on_prologue::<L>, data, GcKind::ALL);
            add_epilogue(isolate.raw(), on_epilogue::<L>, data, GcKind::ALL);
        }
        Some(Self { isolate, listener })
    }
}

impl<L: GcListener> Drop for GcHooks<L> {
    fn drop(&mut self) {
        let data = self.listener.as_ptr().cast::<c_void>();
        if let (Some(remove_prologue), Some(remove_epilogue)) =
            (symbols().remove_gc_prologue, symbols().remove_gc_epilogue)
        {
            // SAFETY: the pair (callback, data) is the one that `install` added; the guard is dropped on the isolate's thread, by
            // `stop()` or by the environment's clean-up hook, while the isolate is alive.
            unsafe {
                remove_prologue(self.isolate.raw(), on_prologue::<L>, data);
                remove_epilogue(self.isolate.raw(), on_epilogue::<L>, data);
            }
        }
        // SAFETY: from `Box::leak` in `install`; V8 has forgotten the address by now, and only this guard had it otherwise.
        drop(unsafe { Box::from_raw(self.listener.as_ptr()) });
    }
}

unsafe extern "C" fn on_prologue<L: GcListener>(isolate: RawIsolate, kind: c_int, _flags: c_int, data: *mut c_void) {
    // SAFETY: `data` is the listener that `install` leaked, alive until `drop`; only shared references to it exist.
    let listener = unsafe { &*data.cast::<L>() };
    if let Some(isolate) = Isolate::from_callback(isolate) {
        listener.prologue(isolate, GcKind::from_bits(kind as u32));
    }
}

unsafe extern "C" fn on_epilogue<L: GcListener>(isolate: RawIsolate, kind: c_int, _flags: c_int, data: *mut c_void) {
    // SAFETY: as in `on_prologue`.
    let listener = unsafe { &*data.cast::<L>() };
    if let Some(isolate) = Isolate::from_callback(isolate) {
        listener.epilogue(isolate, GcKind::from_bits(kind as u32));
    }
}
