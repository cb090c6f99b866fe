//! The fork itself: asked for when V8's workers sleep, made on the isolate's thread, and only if they still do.

use super::board::Board;
use super::child::{self, Orders};
use super::failure::Failure;
use super::job::Job;
use crate::os::{Child, ForkMap, SharedPage, V8Workers, fork_child};
use crate::v8::{Isolate, Visit, Visitor};
use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError, bounded};
use parking_lot::Mutex;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the JavaScript thread is waited for.
pub const VISIT_PATIENCE: Duration = Duration::from_secs(10);

/// A list of mappings older than this may name addresses that mean something else by now.
const FRESH: Duration = Duration::from_millis(500);

/// What came of one visit.
pub enum Attempt {
    Forked {
        child: Child,
        pause: Duration,
        /// The part of the pause that looked whether the workers sleep.
        check: Duration,
    },
    /// A worker had woken up, or the list of mappings had aged.
    NotQuiet,
    Failed(io::Error),
    /// The thread did not come by in time.
    Unreachable,
    Stopped,
}

/// Waits, without burdening the isolate's thread, until the workers sleep. `false` if they did not within `patience`.
pub fn wait_for_sleep(workers: &V8Workers, patience: Duration, stop: &Receiver<()>) -> bool {
    let start = Instant::now();
    while !workers.are_asleep() {
        if start.elapsed() > patience
            || !matches!(stop.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout))
        {
            return false;
        }
    }
    true
}

/// What a fork needs, lent to the isolate's thread.
pub struct ForkOrder {
    pub workers: Arc<V8Workers>,
    pub map: ForkMap,
    pub orders: Orders,
    pub board: Arc<SharedPage<Board>>,
}

impl ForkOrder {
    /// On the isolate's thread: the only moment of a capture that stops the app.
    fn carry_out(&self, isolate: Isolate) -> Attempt {
        let start = Instant::now();
        if self.map.age() > FRESH || !self.workers.are_asleep() {
            return Attempt::NotQuiet;
        }
        let check = start.elapsed();
        match fork_child(&self.map, || child::run(isolate, &self.orders, &self.board)) {
            Ok(child) => {
                let pause = start.elapsed();
                self.board.set_pause(pause);
                Attempt::Forked { child, pause, check }
            }
            Err(error) => Attempt::Failed(error),
        }
    }
}

/// Asks the isolate's thread to fork, once. `patience` bounds the wait for it to come by.
pub fn fork_once(visitor: &Visitor, order: ForkOrder, patience: Duration, stop: &Receiver<()>) -> Attempt {
    let (answer, answered) = bounded(1);
    // V8 may keep the visit for long after it was made. The order moves out at the visit, so that no descriptor stays open with it.
    let order = Arc::new(Mutex::new(Some(order)));
    let lent = Arc::clone(&order);
    let visit = Visit::new(move |isolate: Isolate| {
        // Nobody holds this lock while the visit can still be claimed, so nobody is waited for.
        let Some(order) = lent.try_lock().and_then(|mut order| order.take()) else { return };
        // One slot, one answer: never full, so this does not wait.
        let _ = answer.try_send((order.carry_out(isolate), order));
    });
    visitor.ask(&visit);
    crossbeam_channel::select! {
        recv(answered) -> answer => return answer.map_or(Attempt::NotQuiet, |(attempt, _order)| attempt),
        recv(stop) -> _ => {}
        default(patience) => {}
    }
    if visit.cancel() {
        order.lock().take();
        return if is_stopped(stop) { Attempt::Stopped } else { Attempt::Unreachable };
    }
    // It is being made at this moment: tens of milliseconds.
    answered.recv().map_or(Attempt::NotQuiet, |(attempt, _order)| attempt)
}

/// How much of V8's heap is in use at this moment. Where V8 cannot be asked, what the last sample said.
pub fn heap_used(job: &Job, stop: &Receiver<()>) -> Result<u64, Failure> {
    let Some(visitor) = &job.visitor else { return Ok(job.last_heap_used) };
    let (answer, answered) = bounded(1);
    let visit = Visit::new(move |isolate: Isolate| {
        // One slot, one answer; a second one would find nobody.
        let _ = answer.try_send(isolate.heap_statistics());
    });
    visitor.ask(&visit);
    let heap = crossbeam_channel::select! {
        recv(answered) -> heap => heap.ok().flatten(),
        recv(stop) -> _ => return Err(Failure::Stopped),
        default(VISIT_PATIENCE) => return Err(Failure::Unreachable { waited_ms: VISIT_PATIENCE.as_millis() as u64 }),
    };
    Ok(heap.map_or(job.last_heap_used, |heap| heap.used()))
}

/// The stop channel carries nothing: it is over when its sender is gone.
pub fn is_stopped(stop: &Receiver<()>) -> bool {
    matches!(stop.try_recv(), Err(TryRecvError::Disconnected))
}
