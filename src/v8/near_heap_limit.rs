//! `Isolate::AddNearHeapLimitCallback`, armed for one call at a time, as a guard.
//!
//! V8 keeps a stack of these callbacks and asks only the one that was added last: what it returns becomes the limit if it is higher, and
//! otherwise V8 ends the process. Node has callbacks of its own below ours (the one that ends a worker in an orderly way, and that of
//! `--heapsnapshot-near-heap-limit`), other addons may too. So ours is asked once: it takes itself off the stack inside its call and raises the limit
//! a little, and the next time that the limit is reached V8 asks whoever is next, or dies as it always would.
//!
//! V8 knows callbacks by their function alone. Adding one twice to an isolate, and removing one that is not there, are both fatal to the process;
//! hence the two records of what is installed, one for each guard and one for each thread.

use super::symbols::{NearHeapLimitCallback, symbols};
use super::{HeapStatistics, Isolate};
use std::cell::Cell;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is called when the heap is at its limit: on the isolate's thread, at the end of a collection that freed too little. It must neither allocate
/// on the heap, nor wait for a lock, nor call JavaScript, nor panic.
pub trait NearHeapLimitListener: Send + Sync {
    /// Answers by how many bytes the limit may be raised. `young_bytes` is what the young generation holds: V8 may have to move all of it over
    /// to the old one, whose limit this is, so less than that may be too little to go on with.
    fn near(&self, heap: HeapStatistics, young_bytes: u64) -> u64;
}

/// The initial limit comes back when a full collection leaves less than this part of it: Node uses the same for its own callback.
const RESTORE_BELOW: f64 = 0.95;

thread_local! {
    /// Whether this thread's isolate has our function on its stack, whichever guard put it there: two copies of leakhunt's JavaScript in
    /// one isolate share this addon. `const`, so that the callback's access runs no initialiser.
    static INSTALLED: Cell<bool> = const { Cell::new(false) };
}

/// The callback of one environment. Shared: the background thread asks for its arming by a visit, and reads whether it is armed. All else
/// belongs to the isolate's thread.
pub struct NearHeapLimit<L: NearHeapLimitListener> {
    isolate: Isolate,
    listener: L,
    /// Our function, named once: V8 compares addresses, and a compiler may make more than one copy of a generic function.
    callback: NearHeapLimitCallback,
    /// Written on the isolate's thread alone. Relaxed: nothing else is read by its value.
    armed: AtomicBool,
    /// No arming any more: a visit that V8 kept back may come after the guard has gone.
    closed: AtomicBool,
}

impl<L: NearHeapLimitListener> NearHeapLimit<L> {
    /// Not armed yet. `None` where V8 does not offer it.
    pub fn new(isolate: Isolate, listener: L) -> Option<Arc<Self>> {
        let all = symbols();
        all.add_near_heap_limit.zip(all.remove_near_heap_limit)?;
        let (armed, closed) = (AtomicBool::new(false), AtomicBool::new(false));
        Some(Arc::new(Self { isolate, listener, callback: on_near_limit::<L>, armed, closed }))
    }

    pub fn listener(&self) -> &L {
        &self.listener
    }

    /// From any thread: whether V8 would ask us now.
    pub fn is_armed(&self) -> bool {
        self.armed.load(Ordering::Relaxed)
    }

    /// On the isolate's thread, outside of a collection. Does nothing where it is armed, or another guard of this thread is.
    pub fn arm(&self) {
        let Some(add) = symbols().add_near_heap_limit else { return };
        if self.is_armed() || self.closed.load(Ordering::Relaxed) || INSTALLED.replace(true) {
            return;
        }
        self.armed.store(true, Ordering::Relaxed);
        let data = (&raw const *self).cast_mut().cast::<c_void>();
        // SAFETY: on the isolate's thread, between two instructions of JavaScript or in a call of N-API. Our function is not on this isolate's
        // stack (`INSTALLED` was false). `data` stays valid while it is: the guard's `drop` disarms before it lets go of its reference,
        // and only a guard's `NearHeapLimit` is ever armed.
        unsafe { add(self.isolate.raw(), self.callback, data) };
    }

    /// On the isolate's thread. Also from within the callback, which V8 allows: it has read the entry by then.
    pub fn disarm(&self) {
        let Some(remove) = symbols().remove_near_heap_limit else { return };
        if !self.armed.swap(false, Ordering::Relaxed) {
            return;
        }
        INSTALLED.set(false);
        const KEEP_LIMIT: usize = 0;
        // SAFETY: on the isolate's thread, and `armed` says that our function is on its stack.
        unsafe { remove(self.isolate.raw(), self.callback, KEEP_LIMIT) };
    }

    fn called(&self, current: usize) -> usize {
        self.disarm();
        if let Some(restore) = symbols().restore_initial_heap_limit {
            // SAFETY: on the isolate's thread; sets one figure, which the next full collection looks at.
            unsafe { restore(self.isolate.raw(), RESTORE_BELOW) };
        }
        let heap = self.isolate.heap_statistics().unwrap_or_default();
        let young = self.isolate.young_generation_used().unwrap_or(0);
        let more = usize::try_from(self.listener.near(heap, young)).unwrap_or(0);
        current.saturating_add(more)
    }
}

/// Owned by the environment: dropping it, on the isolate's thread, takes the callback off for good.
pub struct NearHeapLimitGuard<L: NearHeapLimitListener>(pub Arc<NearHeapLimit<L>>);

impl<L: NearHeapLimitListener> Drop for NearHeapLimitGuard<L> {
    fn drop(&mut self) {
        self.0.closed.store(true, Ordering::Relaxed);
        self.0.disarm();
    }
}

unsafe extern "C" fn on_near_limit<L: NearHeapLimitListener>(
    data: *mut c_void,
    current: usize,
    _initial: usize,
) -> usize {
    // SAFETY: `data` is the `NearHeapLimit` that `arm` gave; its guard is alive while V8 may call this, and only shared references exist.
    let this = unsafe { &*data.cast::<NearHeapLimit<L>>() };
    this.called(current)
}
