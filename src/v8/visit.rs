//! A visit: work for the isolate's thread, done at whichever comes first, the next interrupt of running JavaScript or the next turn
//! of an idle event loop.
//!
//! An interrupt alone would wait for ever in an idle app, and the event loop alone would wait for a busy one. So both are asked, and the
//! first one to come does the work; the other finds it done.

use super::Isolate;
use super::interrupt::Interrupt;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Work that must not call JavaScript or N-API, and must be short: the app stands still meanwhile.
pub struct Visit {
    claimed: AtomicBool,
    /// V8 has a request that it has not run yet; it keeps one until JavaScript runs, so there is never a second.
    in_v8: AtomicBool,
    /// The same for the event loop's queue.
    in_queue: AtomicBool,
    work: Box<dyn Fn(Isolate) + Send + Sync>,
}

impl Visit {
    pub fn new(work: impl Fn(Isolate) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            claimed: AtomicBool::new(false),
            in_v8: AtomicBool::new(false),
            in_queue: AtomicBool::new(false),
            work: Box::new(work),
        })
    }

    /// Takes the right to run. Acquire and release make what one side wrote before it seen by the other.
    fn claim(&self) -> bool {
        !self.claimed.swap(true, Ordering::AcqRel)
    }

    /// Calls it off. `false` if it has run, or is running now.
    pub fn cancel(&self) -> bool {
        self.claim()
    }

    fn come(&self, isolate: Isolate) {
        if self.claim() {
            (self.work)(isolate);
        }
    }
}

impl Interrupt for Visit {
    fn run(&self, isolate: Isolate) {
        self.in_v8.store(false, Ordering::Release);
        self.come(isolate);
    }
}

/// Visits waiting for a turn of the event loop. More than a sample and a fork never wait at once.
const QUEUE: usize = 16;

/// The background threads' way to the isolate's thread.
#[derive(Clone)]
pub struct Visitor {
    isolate: Isolate,
    queue: Sender<Arc<Visit>>,
    doorbell: Arc<dyn Fn() + Send + Sync>,
}

/// The isolate's thread's end: what the doorbell makes it look into.
pub struct Visits {
    isolate: Isolate,
    queue: Receiver<Arc<Visit>>,
}

impl Visitor {
    /// `doorbell` must make [`Visits::receive`] run on the isolate's thread soon, and must not block.
    pub fn new(isolate: Isolate, doorbell: Arc<dyn Fn() + Send + Sync>) -> (Self, Visits) {
        let (sender, receiver) = bounded(QUEUE);
        (Self { isolate, queue: sender, doorbell }, Visits { isolate, queue: receiver })
    }

    /// Asks for a visit, for the first time or again; never waits. For one asking thread a visit.
    pub fn ask(&self, visit: &Arc<Visit>) {
        visit.claimed.store(false, Ordering::Release);
        if !visit.in_v8.swap(true, Ordering::AcqRel) && !self.isolate.request_interrupt(Arc::clone(visit)) {
            visit.in_v8.store(false, Ordering::Release);
        }
        // A full queue means that the loop has not turned for many requests; the interrupt is there for that.
        if !visit.in_queue.swap(true, Ordering::AcqRel) && self.queue.try_send(Arc::clone(visit)).is_err() {
            visit.in_queue.store(false, Ordering::Release);
        }
        (self.doorbell)();
    }
}

impl Visits {
    /// Does what waits. On the isolate's thread.
    pub fn receive(&self) {
        while let Ok(visit) = self.queue.try_recv() {
            visit.in_queue.store(false, Ordering::Release);
            visit.come(self.isolate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    #[test]
    fn a_visit_that_was_called_off_cannot_be_claimed() {
        let visit = Visit::new(|_| {});
        assert!(visit.cancel());
        assert!(!visit.claim() && !visit.cancel());
    }

    #[test]
    fn of_many_that_come_one_does_the_work() {
        let visit = Visit::new(|_| {});
        let winners = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| winners.fetch_add(u32::from(visit.claim()), Ordering::Relaxed));
            }
        });
        assert_eq!(winners.into_inner(), 1);
    }
}
