//! A capture from its parent's side, on a thread of its own that lives as long as the capture.

use super::artifact::{Artifact, Naming, Paths};
use super::board::{Board, Phase};
use super::child::Orders;
use super::failure::Failure;
use super::inline::{self, InlineRequest};
use super::quiet::{Attempt, ForkOrder, fork_once, is_stopped, wait_for_sleep};
use super::sidecar::Circumstances;
use crate::os::{self, Child, ChildSetup, Ended, Exit, ForkMap, SharedPage, V8Workers, create_private};
use crate::v8::Visitor;
use crossbeam_channel::{Receiver, Sender, bounded};
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// In a forked child.
    Fork,
    /// In the process, which stops for seconds: only if the user asked for it.
    Inline,
    Off,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    pub mode: Mode,
    /// The child is ended when it takes longer.
    pub deadline_ms: u64,
    /// Forks tried before a capture is given up because no moment was quiet.
    pub attempts: u32,
    /// The child's niceness, 0 to 19; above 0 it also gets batch scheduling and idle IO priority.
    pub nice: i32,
    pub zstd_level: i32,
}

/// One wish for a snapshot.
pub struct Job {
    pub config: Config,
    pub naming: Naming,
    pub circumstances: Circumstances,
    pub min_free_disk_bytes: u64,
    /// Node's `--v8-pool-size`.
    pub v8_pool_size: usize,
    /// Why forking is out of the question here, if it is.
    pub fork_unsupported: Option<String>,
    pub visitor: Option<Visitor>,
    /// Has V8 write a snapshot on the JavaScript thread.
    pub ask_inline: Box<dyn Fn(InlineRequest) + Send>,
}

/// A capture under way. Dropping it stops it: the child is ended and reaped, its files are removed, the thread is joined.
pub struct Capture {
    stop: Option<Sender<()>>,
    abandon: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// One capture at a time for each process: two children would take twice the memory.
static UNDER_WAY: AtomicBool = AtomicBool::new(false);

struct Slot;

impl Slot {
    fn take() -> Result<Self, Failure> {
        // Acquire pairs with the release in `drop`: the one before has cleaned up.
        if UNDER_WAY.swap(true, Ordering::Acquire) { Err(Failure::Busy) } else { Ok(Self) }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        UNDER_WAY.store(false, Ordering::Release);
    }
}

impl Capture {
    /// Starts it. `done` is called once, on the capture's thread, unless this returns an error.
    pub fn start(job: Job, done: impl FnOnce(Result<Artifact, Failure>) + Send + 'static) -> Result<Self, Failure> {
        if job.config.mode == Mode::Off {
            return Err(Failure::Off("capture.mode is 'off'".to_owned()));
        }
        let slot = Slot::take()?;
        let (stop, stopped) = bounded(0);
        let abandon = Arc::new(AtomicBool::new(false));
        let abandoned = Arc::clone(&abandon);
        let thread = std::thread::Builder::new()
            .name("leakhunt-capture".to_owned())
            .spawn(move || {
                let result = run(&job, &stopped, &abandoned);
                drop(slot);
                done(result);
            })
            .map_err(Failure::Fork)?;
        Ok(Self { stop: Some(stop), abandon, thread: Some(thread) })
    }

    /// For a process that ends now: the child is left to finish its file alone.
    pub fn abandon(self) {
        // Release pairs with the acquire in `watch`, which looks after it has seen the stop.
        self.abandon.store(true, Ordering::Release);
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(job: &Job, stop: &Receiver<()>, abandoned: &AtomicBool) -> Result<Artifact, Failure> {
    let start = Instant::now();
    check_dir(job)?;
    let mut artifact = match job.config.mode {
        Mode::Inline => inline::capture(job, stop)?,
        _ => by_fork(job, stop, abandoned)?,
    };
    artifact.duration_ms = start.elapsed().as_secs_f64() * 1e3;
    Ok(artifact)
}

fn check_dir(job: &Job) -> Result<(), Failure> {
    let dir = &job.naming.dir;
    std::fs::create_dir_all(dir).map_err(|error| Failure::Directory { dir: dir.clone(), error })?;
    let free = os::memory::free_disk_bytes(dir).unwrap_or(u64::MAX);
    let least = job.min_free_disk_bytes;
    if free < least { Err(Failure::Disk { dir: dir.clone(), free, least }) } else { Ok(()) }
}

/// How long one attempt waits for the workers to sleep, and for the JavaScript thread to come by.
const SLEEP_PATIENCE: Duration = Duration::from_secs(1);
const VISIT_PATIENCE: Duration = Duration::from_secs(10);
/// How long all attempts together look for a quiet moment. A visit that finds a worker awake costs microseconds, so their number is not bounded.
const QUIET_PATIENCE: Duration = Duration::from_secs(30);
const FIRST_BACKOFF: Duration = Duration::from_millis(5);
const LONGEST_BACKOFF: Duration = Duration::from_millis(500);

fn by_fork(job: &Job, stop: &Receiver<()>, abandoned: &AtomicBool) -> Result<Artifact, Failure> {
    if let Some(reason) = &job.fork_unsupported {
        return Err(Failure::Unsupported(reason.clone()));
    }
    let unsupported = |reason: &str| Failure::Unsupported(reason.to_owned());
    let visitor = job.visitor.as_ref().ok_or_else(|| unsupported("the isolate cannot be reached natively"))?;
    let workers = V8Workers::find(job.v8_pool_size).ok_or_else(|| unsupported("/proc/self/task cannot be read"))?;
    let workers = Arc::new(workers);
    let start = Instant::now();
    let mut forks = 0;
    let mut backoff = FIRST_BACKOFF;
    while forks < job.config.attempts && start.elapsed() < QUIET_PATIENCE {
        if is_stopped(stop) {
            return Err(Failure::Stopped);
        }
        // Not asleep in all that time: then the visit's own check decides.
        wait_for_sleep(&workers, SLEEP_PATIENCE, stop);
        match attempt_fork(job, visitor, &workers, stop, abandoned)? {
            Outcome::Written(mut artifact) => {
                artifact.attempts = forks + 1;
                return Ok(artifact);
            }
            Outcome::NotQuiet => {}
            Outcome::ForkedInVain => {
                forks += 1;
                backoff = (backoff * 2).min(LONGEST_BACKOFF);
            }
        }
        let _ = stop.recv_timeout(backoff);
    }
    Err(Failure::NotQuiet { forks, waited_ms: start.elapsed().as_millis() as u64 })
}

enum Outcome {
    Written(Artifact),
    /// A worker was awake when the visit came: nothing was forked.
    NotQuiet,
    /// The child could not go on: the moment had not been quiet after all.
    ForkedInVain,
}

fn attempt_fork(
    job: &Job,
    visitor: &Visitor,
    workers: &Arc<V8Workers>,
    stop: &Receiver<()>,
    abandoned: &AtomicBool,
) -> Result<Outcome, Failure> {
    let paths = job.naming.next();
    let guard = Partial(&paths);
    let dir_error = |error| Failure::Directory { dir: job.naming.dir.clone(), error };
    let output = create_private(&paths.snapshot_partial).map_err(dir_error)?;
    let deadline = Duration::from_millis(job.config.deadline_ms);
    let setup =
        ChildSetup::new(output, deadline, job.config.nice).map_err(|reason| Failure::Unsupported(reason.to_owned()))?;
    let board = Arc::new(SharedPage::new(Board::default()).map_err(Failure::Fork)?);
    let order = ForkOrder {
        workers: Arc::clone(workers),
        // The last step before the visit: the fresher, the better.
        map: ForkMap::scan().map_err(|error| Failure::Unsupported(error.to_string()))?,
        orders: Orders {
            setup,
            paths: paths.clone(),
            circumstances: job.circumstances.clone(),
            zstd_level: job.config.zstd_level,
        },
        board: Arc::clone(&board),
    };
    let (child, pause) = match fork_once(visitor, order, VISIT_PATIENCE, stop) {
        Attempt::Forked { child, pause } => (child, pause),
        Attempt::NotQuiet => return Ok(Outcome::NotQuiet),
        Attempt::Failed(error) => return Err(Failure::Fork(error)),
        Attempt::Unreachable => return Err(Failure::Unreachable { waited_ms: VISIT_PATIENCE.as_millis() as u64 }),
        Attempt::Stopped => return Err(Failure::Stopped),
    };
    let exit = match watch(child, deadline, stop, abandoned) {
        Watched::Ended(exit) => exit,
        Watched::TooLate => {
            return Err(Failure::Deadline { deadline_ms: job.config.deadline_ms, phase: board.phase().doing() });
        }
        Watched::Stopped => return Err(Failure::Stopped),
        Watched::Abandoned => {
            guard.keep();
            return Err(Failure::Stopped);
        }
    };
    if board.phase() == Phase::Done {
        guard.keep();
        return Ok(Outcome::Written(Artifact {
            path: paths.snapshot.clone(),
            sidecar: paths.sidecar.clone(),
            mode: "fork",
            pause_ms: pause.as_secs_f64() * 1e3,
            duration_ms: 0.0,
            bytes: board.bytes(),
            raw_bytes: board.raw_bytes(),
            nodes: board.nodes(),
            attempts: 0,
            child_peak_resident_bytes: exit.peak_resident_bytes,
        }));
    }
    if exit.ended.is_unlucky() { Ok(Outcome::ForkedInVain) } else { Err(child_failure(exit, &board)) }
}

fn child_failure(exit: Exit, board: &Board) -> Failure {
    let phase = board.phase();
    if phase == Phase::Failed {
        let (failed_in, error) = board.failure();
        let how = error.map_or_else(|| "failed".to_owned(), |error| format!("failed ({error})"));
        return Failure::Child { how, phase: failed_in.doing() };
    }
    let how = match exit.ended {
        Ended::Exited(code) => format!("ended with code {code}"),
        Ended::Signalled(signal) => format!("was ended by signal {signal}"),
        Ended::Unknown => "was reaped by somebody else in this process".to_owned(),
    };
    Failure::Child { how, phase: phase.doing() }
}

enum Watched {
    Ended(Exit),
    TooLate,
    Stopped,
    Abandoned,
}

/// Waits for the child's end, its deadline, or a stop.
fn watch(mut child: Child, deadline: Duration, stop: &Receiver<()>, abandoned: &AtomicBool) -> Watched {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(exit) = child.try_wait() {
            return Watched::Ended(exit);
        }
        if start.elapsed() > deadline {
            child.kill();
            return Watched::TooLate;
        }
        let _ = stop.recv_timeout(pause);
        if is_stopped(stop) {
            if abandoned.load(Ordering::Acquire) {
                child.abandon();
                return Watched::Abandoned;
            }
            child.kill();
            return Watched::Stopped;
        }
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Removes unfinished files unless told that they are finished, or somebody else's to finish.
pub(super) struct Partial<'a>(pub &'a Paths);

impl Partial<'_> {
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Partial<'_> {
    fn drop(&mut self) {
        self.0.remove_partial();
    }
}
