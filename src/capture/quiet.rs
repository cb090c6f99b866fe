//! The fork itself: asked for when V8's workers sleep, made on the isolate's thread, and only if they still do.

use super::board::Board;
use super::child::{self, Orders};
use super::failure::Failure;
use super::job::Job;
use crate::os::{Child, ForkMap, SharedPage, V8Workers, fork_child};
use crate::v8::{Isolate, Visit, Visitor};
use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError, bounded};
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
        /// The part of the pause that looked whether the workers sleep, or waited until they did.
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
    pub after_fork: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl ForkOrder {
    /// On the isolate's thread: the only moment of a capture that stops the app. `stood_still` is how long it has done so already in vain.
    fn carry_out(&self, isolate: Isolate, visit: Stop, stood_still: Duration) -> Attempt {
        if self.map.age() > FRESH || !visit.wait_until(|| self.workers.are_asleep()) {
            return Attempt::NotQuiet;
        }
        let check = stood_still + visit.start.elapsed();
        match fork_child(&self.map, || child::run(isolate, &self.orders, &self.board)) {
            Ok(child) => {
                if let Some(after_fork) = &self.after_fork {
                    after_fork();
                }
                let pause = stood_still + visit.start.elapsed();
                self.board.set_pause(pause);
                Attempt::Forked { child, pause, check }
            }
            Err(error) => Attempt::Failed(error),
        }
    }
}

/// One stop of the isolate's thread, and how long it may wait there for the moment to become quiet.
#[derive(Clone, Copy)]
struct Stop {
    start: Instant,
    patience: Duration,
}

impl Stop {
    /// Looks at once, and again until the patience is over.
    fn wait_until(self, condition: impl Fn() -> bool) -> bool {
        loop {
            if condition() {
                return true;
            }
            if self.start.elapsed() >= self.patience {
                return false;
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }
}

/// How a fork is asked for.
pub struct Asking {
    /// Bounds the wait for the isolate's thread to come by.
    pub patience: Duration,
    /// How long the isolate's thread may be held at the visit: for the order to be made, and for V8's workers to fall asleep. Zero is the rule, and the order is
    /// then made before the visit is asked for. Where the app would not live until a quiet moment, it is asked first, and is held meanwhile.
    pub hold: Duration,
    /// What earlier visits of this capture have taken.
    pub stood_still: Duration,
}

/// Asks the isolate's thread to fork, once. Returns as well how long that thread stood still.
pub fn fork_once(
    visitor: &Visitor,
    asking: &Asking,
    stop: &Receiver<()>,
    prepare: impl FnOnce() -> Result<ForkOrder, Failure>,
) -> Result<(Attempt, Duration), Failure> {
    let (answer, answered) = bounded(1);
    let (hand_over, orders) = bounded(1);
    let Asking { hold, stood_still, .. } = *asking;
    // V8 may keep the visit for long after it was made. The order moves out at the visit, so that no descriptor stays open with it.
    let lent: Receiver<ForkOrder> = orders.clone();
    let visit = Visit::new(move |isolate: Isolate| {
        let stop = Stop { start: Instant::now(), patience: hold };
        // Waits for the capture's thread alone, which makes the order or drops its end of the channel, and never longer than the patience.
        let attempt = match lent.recv_deadline(stop.start + hold) {
            Ok(order) => (order.carry_out(isolate, stop, stood_still), Some(order)),
            Err(_) => (Attempt::NotQuiet, None),
        };
        // One slot, one answer: never full, so this does not wait.
        let _ = answer.try_send((attempt, stop.start.elapsed()));
    });
    if hold.is_zero() {
        let _ = hand_over.try_send(prepare()?);
        visitor.ask(&visit);
    } else {
        visitor.ask(&visit);
        match prepare() {
            Ok(order) => drop(hand_over.try_send(order)),
            Err(failure) => {
                drop(hand_over);
                withdraw(&visit, &orders, &answered);
                return Err(failure);
            }
        }
    }
    let made = |((attempt, _order), stood): Answer| (attempt, stood);
    crossbeam_channel::select! {
        recv(answered) -> answer => {
            // It had lost its patience before the order was there.
            clear(&orders);
            return Ok(answer.map_or((Attempt::NotQuiet, Duration::ZERO), made));
        }
        recv(stop) -> _ => {}
        default(asking.patience) => {}
    }
    match withdraw(&visit, &orders, &answered) {
        Some(answer) => Ok(made(answer)),
        None if is_stopped(stop) => Ok((Attempt::Stopped, Duration::ZERO)),
        None => Ok((Attempt::Unreachable, Duration::ZERO)),
    }
}

type Answer = ((Attempt, Option<ForkOrder>), Duration);

/// Calls the visit off. One that is being made at this moment is waited for: tens of milliseconds.
fn withdraw(visit: &Visit, orders: &Receiver<ForkOrder>, answered: &Receiver<Answer>) -> Option<Answer> {
    let answer = if visit.cancel() { None } else { answered.recv().ok() };
    clear(orders);
    answer
}

/// V8 keeps the visit, and with it the channel: what it holds must not stay.
fn clear(orders: &Receiver<ForkOrder>) {
    while orders.try_recv().is_ok() {}
}

/// How much of V8's heap is in use at this moment. Where V8 cannot be asked, what the last sample said.
pub fn heap_used(job: &Job, stop: &Receiver<()>) -> Result<u64, Failure> {
    // At the limit the figure is a moment old, and there is no time to ask.
    let Some(visitor) = job.visitor.as_ref().filter(|_| !job.at_heap_limit) else { return Ok(job.last_heap_used) };
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
