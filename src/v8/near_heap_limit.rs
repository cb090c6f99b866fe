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
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What is called when the heap is at its limit: on the isolate's thread, at the end of a collection that freed too little. It must neither allocate
/// on the heap, nor wait for a lock, nor call JavaScript, nor panic.
pub trait NearHeapLimitListener: Send + Sync {
    /// Answers by how many bytes the limit may be raised. `young_bytes` is what the young generation holds: V8 may have to move all of it over
    /// to the old one, whose limit this is, so less than that may be too little to go on with.
    fn near(&self, heap: HeapStatistics, young_bytes: u64) -> u64;
}

/// The old limit comes back when the heap has given back its memory down to this part of it, in hundredths.
const RESTORE_BELOW: usize = 90;
/// Above the pages that are in use, so that no collection finds more of them than the limit allows.
const SPARE_BYTES: usize = 1 << 20;
/// Leaves V8's limit as it is when a callback is removed.
const KEEP_LIMIT: usize = 0;

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
    /// The old generation's limit before we raised it; 0 while we have not. Read and written on the isolate's thread alone.
    old_limit: AtomicUsize,
    /// No arming any more: a visit that V8 kept back may come after the guard has gone.
    closed: AtomicBool,
}

impl<L: NearHeapLimitListener> NearHeapLimit<L> {
    /// Not armed yet. `None` where V8 does not offer it.
    pub fn new(isolate: Isolate, listener: L) -> Option<Arc<Self>> {
        let all = symbols();
        all.add_near_heap_limit.zip(all.remove_near_heap_limit)?;
        Some(Arc::new(Self {
            isolate,
            listener,
            callback: on_near_limit::<L>,
            armed: AtomicBool::new(false),
            old_limit: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        }))
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
        // SAFETY: on the isolate's thread, between two instructions of JavaScript or in a call of N-API. Our function is not on this isolate's
        // stack (`INSTALLED` was false). What `data` points to stays valid while it is: the guard's `drop` disarms before it lets go of its reference,
        // and only a guard's `NearHeapLimit` is ever armed.
        unsafe { add(self.isolate.raw(), self.callback, self.data()) };
    }

    /// On the isolate's thread. Also from within the callback, which V8 allows: it has read the entry by then.
    pub fn disarm(&self) {
        if self.armed.swap(false, Ordering::Relaxed) {
            INSTALLED.set(false);
            self.remove(KEEP_LIMIT);
        }
    }

    /// Puts the limit back that we have raised, once the heap has become small enough for it. On the isolate's thread, outside of a collection.
    ///
    /// V8 would do so by itself (`AutomaticallyRestoreInitialHeapLimit`), at a full collection that leaves few objects. But at the end of that very collection it
    /// compares the limit with the *pages* that the old generation has, which it gives back later, and ends the process if they are more. So we
    /// look at the pages.
    pub fn restore_limit(&self) {
        let old_limit = self.old_limit.load(Ordering::Relaxed);
        if old_limit == 0 || self.is_armed() || INSTALLED.get() {
            return;
        }
        if self.old_generation_pages().is_some_and(|pages| pages <= old_limit / 100 * RESTORE_BELOW) {
            self.old_limit.store(0, Ordering::Relaxed);
            self.lower_limit(old_limit);
        }
    }

    /// Takes back what the heap has not used of the raise. For an isolate that somebody ends in an orderly way at its limit, and who may fail if
    /// the heap has become much larger by then. On the isolate's thread, outside of a collection.
    pub fn take_back(&self) {
        let old_limit = self.old_limit.load(Ordering::Relaxed);
        if old_limit == 0 || self.is_armed() || INSTALLED.get() {
            return;
        }
        if let Some(pages) = self.old_generation_pages() {
            self.lower_limit(old_limit.max(pages + SPARE_BYTES));
        }
    }

    /// What V8 holds against the limit, and a little more: each page with its header.
    fn old_generation_pages(&self) -> Option<usize> {
        let (heap, young) = (self.isolate.heap_statistics()?, self.isolate.young_generation()?);
        usize::try_from(heap.total().saturating_sub(young.size)).ok()
    }

    /// V8 sets the limit in no other way than along with the removal of a callback, and never raises it so. Ours must not be on the stack.
    fn lower_limit(&self, limit: usize) {
        if let Some(add) = symbols().add_near_heap_limit {
            // SAFETY: as in `arm`. V8 asks no callback between these two calls, and would find `self` alive.
            unsafe { add(self.isolate.raw(), self.callback, self.data()) };
            self.remove(limit);
        }
    }

    fn data(&self) -> *mut c_void {
        (&raw const *self).cast_mut().cast::<c_void>()
    }

    fn remove(&self, limit: usize) {
        if let Some(remove) = symbols().remove_near_heap_limit {
            // SAFETY: on the isolate's thread; the callers have just added our function, or know by `armed` that it is on the isolate's stack.
            unsafe { remove(self.isolate.raw(), self.callback, limit) };
        }
    }

    fn called(&self, current: usize) -> usize {
        self.disarm();
        let heap = self.isolate.heap_statistics().unwrap_or_default();
        let young = self.isolate.young_generation().unwrap_or_default();
        let more = usize::try_from(self.listener.near(heap, young.used)).unwrap_or(0);
        self.old_limit.store(current, Ordering::Relaxed);
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
