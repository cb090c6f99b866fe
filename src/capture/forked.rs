//! The way of production: fork when V8's workers sleep, wait for the child, try again where the moment was not quiet. What the child is for is its errand.

use super::attempt::OpenAttempt;
use super::board::{Board, Phase};
use super::budget::Budget;
use super::child::Orders;
use super::errand::{Errand, Flight, PauseParts};
use super::failure::Failure;
use super::job::Job;
use super::pipeline::Parting;
use super::quiet::{Asking, Attempt, ForkOrder, VISIT_PATIENCE, fork_once, heap_used, is_stopped, wait_for_sleep};
use super::watch::{Watch, Watched};
use crate::os::{self, ChildSetup, Ended, Exit, ForkMap, Leave, ScanError, SharedPage, V8Workers};
use crate::v8::Visitor;
use crate::v8::capabilities::Capabilities;
use crossbeam_channel::Receiver;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long one attempt waits for the workers to sleep.
const SLEEP_PATIENCE: Duration = Duration::from_secs(1);
/// How long all attempts together look for a quiet moment. A visit that finds a worker awake costs microseconds, so their number is not bounded.
const QUIET_PATIENCE: Duration = Duration::from_secs(30);
/// A page that was missed in the child crashes it once. A child that crashes time and again has another reason.
const CRASHES: u32 = 3;
/// A heap of which something was read twice, or not at all, may be read right at another moment; one that never is has another reason.
const SUMS: u32 = 3;
/// How long the app is held at one visit when its heap is at the limit, and how often: it has only so much time before the headroom is full.
const HOLD: Duration = Duration::from_millis(250);
const HOLDS: u32 = 4;
const FIRST_BACKOFF: Duration = Duration::from_millis(5);
const LONGEST_BACKOFF: Duration = Duration::from_millis(500);

/// Set when a child of this process has crashed: it may have needed a large block of malloc, so from then on every child gets all of them.
static NEEDS_ALL: AtomicBool = AtomicBool::new(false);

fn leave() -> Leave {
    if NEEDS_ALL.load(Ordering::Relaxed) { Leave::Nothing } else { Leave::LargeBlocks }
}

/// Why this process cannot be captured by fork, as far as is known before one is tried.
pub fn unsupported() -> Option<String> {
    if let Some(reason) = os::fork_unsupported() {
        return Some(reason.to_owned());
    }
    let Some(native) = Capabilities::get() else { return Some("V8 has not been looked at yet".to_owned()) };
    let needed = [&native.heap_statistics, &native.interrupts, &native.heap_snapshot];
    let missing = needed.into_iter().find(|capability| !capability.is_native())?;
    Some(missing.reason.clone().unwrap_or_default())
}

/// Forks for `errand` until a child has done it.
pub fn run<E: Errand>(
    errand: &E,
    job: &Job,
    attempt: &OpenAttempt,
    stop: &Receiver<()>,
    parting: &Parting,
) -> Result<E::Product, Failure> {
    if let Some(reason) = unsupported() {
        return Err(Failure::Unsupported(reason));
    }
    let without = |reason: &str| Failure::Unsupported(reason.to_owned());
    let visitor = job.visitor.as_ref().ok_or_else(|| without("the isolate cannot be reached natively"))?;
    let workers = V8Workers::find(job.v8_pool_size)
        .map_err(|error| Failure::unprepared("looking for V8's threads in /proc/self/task", error))?;
    let budget = Budget::open(job, errand.work(), heap_used(job, stop)?);
    let means = Means { errand, job, attempt, budget, visitor, workers: Arc::new(workers) };
    let start = Instant::now();
    let (mut forks, mut crashes, mut sums, mut visits) = (0, 0, 0, 0);
    let mut backoff = FIRST_BACKOFF;
    let mut stood_still = Duration::ZERO;
    let mut holds = if job.at_heap_limit { HOLDS } else { 0 };
    // What children took that ended in vain: a large heap keeps one busy for longer than the patience, and that was no time of looking.
    let mut in_vain = Duration::ZERO;
    while forks < job.config.attempts && start.elapsed().saturating_sub(in_vain) < QUIET_PATIENCE {
        if is_stopped(stop) {
            return Err(Failure::Stopped);
        }
        let hold = if holds == 0 { Duration::ZERO } else { HOLD };
        if holds == 0 {
            // Not asleep in all that time: then the visit's own check decides.
            wait_for_sleep(&means.workers, SLEEP_PATIENCE, stop);
        }
        visits += 1;
        means.budget.admit()?;
        let asking = Asking { patience: VISIT_PATIENCE, hold, stood_still };
        let attempt_start = Instant::now();
        let (outcome, stood) = attempt_fork(&means, &asking, (forks + 1, visits), stop, parting)?;
        stood_still += stood;
        match outcome {
            Outcome::Done(product) => return Ok(product),
            Outcome::NotQuiet => {}
            Outcome::ForkedInVain(failure) => {
                in_vain += attempt_start.elapsed();
                forks += 1;
                if let Failure::Sum { why, .. } = failure {
                    sums += 1;
                    if sums == SUMS {
                        return Err(Failure::Sum { why, times: sums });
                    }
                } else if let Failure::Child { how, phase } = failure {
                    crashes += 1;
                    // Relaxed: read on this kind of thread alone, and one attempt more or less does not matter.
                    NEEDS_ALL.store(true, Ordering::Relaxed);
                    if crashes == CRASHES {
                        return Err(Failure::Crashes { how, phase, times: crashes });
                    }
                } else {
                    crashes = 0;
                }
            }
        }
        let _ = stop.recv_timeout(backoff);
        if holds > 0 {
            holds -= 1;
        } else {
            backoff = (backoff * 2).min(LONGEST_BACKOFF);
        }
    }
    Err(Failure::NotQuiet { forks, waited_ms: start.elapsed().as_millis() as u64 })
}

enum Outcome<P> {
    Done(P),
    /// A worker was awake when the visit came: nothing was forked.
    NotQuiet,
    /// The child could not go on: the moment had not been quiet after all.
    ForkedInVain(Failure),
}

/// What all forks of one capture have in common.
struct Means<'a, E> {
    errand: &'a E,
    job: &'a Job,
    attempt: &'a OpenAttempt,
    budget: Budget,
    visitor: &'a Visitor,
    workers: Arc<V8Workers>,
}

fn attempt_fork<E: Errand>(
    means: &Means<'_, E>,
    asking: &Asking,
    (attempts, visits): (u32, u32),
    stop: &Receiver<()>,
    parting: &Parting,
) -> Result<(Outcome<E::Product>, Duration), Failure> {
    let Means { errand, job, attempt, budget, visitor, workers } = means;
    let provision = errand.provide()?;
    let deadline = Duration::from_millis(job.config.deadline_ms);
    let record = attempt.record();
    let mut keeps = record.keeps();
    keeps.descriptors.extend(errand.descriptors(&provision));
    let setup = ChildSetup::new(errand.files(&provision), deadline, job.config.nice)
        .map_err(|error| Failure::unprepared("preparing the capture child", error))?
        .keeping(keeps);
    let board = SharedPage::new(Board::default())
        .map_err(|error| Failure::unprepared("a page of memory for the capture child", error))?;
    let board = Arc::new(board);
    let mut left_out_bytes = 0;
    let prepare = || {
        attempt.declare()?;
        // The last step before the fork: the fresher, the better.
        let map = ForkMap::scan(leave()).map_err(unscanned)?;
        left_out_bytes = map.left_out_bytes();
        Ok(ForkOrder {
            workers: Arc::clone(workers),
            map,
            orders: Orders { setup, task: errand.task(&provision, budget, record) },
            board: Arc::clone(&board),
            after_fork: job.after_fork.clone(),
        })
    };
    let reach = parting.reach.lock();
    let (attempt, stood) =
        if is_stopped(stop) { (Attempt::Stopped, Duration::ZERO) } else { fork_once(visitor, asking, stop, prepare)? };
    drop(reach);
    let (child, pause, check) = match attempt {
        Attempt::Forked { child, pause, check } => (child, pause, check),
        Attempt::NotQuiet => return Ok((Outcome::NotQuiet, stood)),
        Attempt::Failed(error) => return Err(Failure::Fork(error)),
        Attempt::Unreachable => return Err(Failure::Unreachable { waited_ms: VISIT_PATIENCE.as_millis() as u64 }),
        Attempt::Stopped => return Err(Failure::Stopped),
    };
    let pause_parts = PauseParts { check, fork: child.parts() };
    let exit = match (Watch { board: &board, budget, deadline, stop, parting }).over(child) {
        Watched::Ended(exit) => exit,
        // Ended a moment after it was done.
        Watched::TooLate(Some(exit)) | Watched::Stopped(Some(exit)) | Watched::NoRoom(Some(exit), _)
            if errand.is_done(&provision, &board) =>
        {
            exit
        }
        Watched::NoRoom(_, exhaustion) => return Err(Failure::Exhausted(Box::new(exhaustion))),
        Watched::NeverBegan(waited) => {
            let suspects = os::fork_handlers();
            return Err(Failure::NeverBegan { waited_ms: waited.as_millis() as u64, suspects });
        }
        Watched::TooLate(_) => {
            return Err(Failure::Deadline { deadline_ms: job.config.deadline_ms, phase: board.phase().doing() });
        }
        Watched::Stopped(_) => return Err(Failure::Stopped),
        Watched::Abandoned => {
            errand.leave(provision);
            return Err(Failure::Left);
        }
    };
    if errand.is_done(&provision, &board) {
        let board = &board;
        let flight = Flight { board, budget, exit, pause, pause_parts, left_out_bytes, attempts, visits };
        return Ok((Outcome::Done(errand.collect(provision, &flight)?), stood));
    }
    let crashed = exit.ended.is_unlucky();
    let failure = child_failure(exit, &board, job);
    let unlucky = crashed || matches!(failure, Failure::Sum { .. });
    if unlucky { Ok((Outcome::ForkedInVain(failure), stood)) } else { Err(failure) }
}

fn unscanned(error: ScanError) -> Failure {
    match error {
        ScanError::Unreadable(error) => Failure::unprepared("reading this process's mappings in /proc/self", error),
        ScanError::NoHiddenPages => Failure::Unsupported(error.to_string()),
    }
}

fn child_failure(exit: Exit, board: &Board, job: &Job) -> Failure {
    let phase = board.phase();
    if phase == Phase::Failed {
        if let Some(reason) = board.redaction_failure() {
            return Failure::Redaction { reason };
        }
        if let Some(reason) = board.reading_failure() {
            return Failure::Pages(reason);
        }
        if let Some(why) = board.sum_failure() {
            return Failure::Sum { why, times: 1 };
        }
        let (failed_in, error) = board.failure();
        return match error {
            // What it may not do in `/proc` is no matter of the directory's.
            Some(error) if failed_in == Phase::Confining => {
                Failure::Child { how: format!("failed ({error})"), phase: failed_in.doing() }
            }
            Some(error) => Failure::in_child(error, &job.naming.dir, failed_in.doing()),
            None => Failure::Child { how: "failed".to_owned(), phase: failed_in.doing() },
        };
    }
    let how = match exit.ended {
        Ended::Exited(ChildSetup::NOT_QUIET) => {
            return Failure::NotQuiet { forks: 1, waited_ms: 0 };
        }
        Ended::Exited(code) => format!("ended with code {code}"),
        ended if ended.is_killed() => "was ended by signal 9, as the kernel does when memory runs out,".to_owned(),
        Ended::Signalled(signal) => format!("was ended by signal {signal}"),
        Ended::Unknown => "was reaped by somebody else in this process".to_owned(),
    };
    Failure::Child { how, phase: phase.doing() }
}
