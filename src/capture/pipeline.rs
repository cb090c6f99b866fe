//! A capture from its parent's side, on a thread of its own that lives as long as the capture.

use super::artifact::Artifact;
use super::attempt::OpenAttempt;
use super::breaker;
use super::census::{CensusErrand, Counted};
use super::choice::{believe_no_more, choose, fallback, unsupported};
use super::failure::Failure;
use super::format::Format;
use super::job::{Aim, Engine, Job, Mode};
use super::snapshot::Snapshot;
use super::{forked, inline};
use crate::os::disk;
use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

/// What a capture was for.
#[derive(Debug)]
pub enum Product {
    Snapshot(Box<Artifact>),
    Census(Box<Counted>),
}

/// A capture under way. Dropping it stops it: the child is ended and reaped, its files are removed, the thread is joined.
pub struct Capture {
    stop: Option<Sender<()>>,
    parting: Arc<Parting>,
    thread: Option<JoinHandle<()>>,
}

/// How a capture and the environment that began it part.
#[derive(Default)]
pub struct Parting {
    /// What becomes of the child when the capture is told to stop. Written before that, and read after: release and acquire.
    fate: AtomicU8,
    /// Held by the capture's thread while it has to do with the isolate. It looks whether it has been told to stop once it has it.
    pub reach: Mutex<()>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fate {
    /// It is ended with the capture.
    Ended,
    /// The process ends: nobody waits for the child any more.
    Abandoned,
    /// The isolate ends and the process lives: the capture goes on with the child that it has, but makes no new one.
    Finished,
}

impl Parting {
    pub fn fate(&self) -> Fate {
        let fate = self.fate.load(Ordering::Acquire);
        [Fate::Abandoned, Fate::Finished].into_iter().find(|each| *each as u8 == fate).unwrap_or(Fate::Ended)
    }

    fn decide(&self, fate: Fate) {
        self.fate.store(fate as u8, Ordering::Release);
    }
}

/// One capture at a time for each process: two children would take twice the memory.
static UNDER_WAY: AtomicBool = AtomicBool::new(false);

/// Whether a capture of this process is under way. One atomic read, fit for a callback of V8's; by the time that it is acted upon it may be otherwise.
pub fn under_way() -> bool {
    UNDER_WAY.load(Ordering::Relaxed)
}

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
    pub fn start(job: Job, done: impl FnOnce(Result<Product, Failure>) + Send + 'static) -> Result<Self, Failure> {
        if job.config.mode == Mode::Off {
            return Err(Failure::Off("capture.mode is 'off'".to_owned()));
        }
        let (engine, mode) = (job.config.engine, job.config.mode);
        if job.aim == Aim::Snapshot
            && job.config.format == Format::Lhgraph
            && (engine == Engine::V8 || mode != Mode::Fork)
        {
            return Err(Failure::Format { engine: engine.name(), mode: mode.name() });
        }
        if let Some(fault) = breaker::own_fault() {
            return Err(fault);
        }
        let slot = Slot::take()?;
        let (stop, stopped) = bounded(0);
        let parting = Arc::new(Parting::default());
        let parted = Arc::clone(&parting);
        let thread = std::thread::Builder::new()
            .name("leakhunt-capture".to_owned())
            .spawn(move || {
                let result = breaker::guard(&job.naming.dir, || run(&job, &stopped, &parted));
                drop(slot);
                done(result);
            })
            .map_err(Failure::Thread)?;
        Ok(Self { stop: Some(stop), parting, thread: Some(thread) })
    }

    /// For a process that ends now: the child is left to finish its file alone.
    pub fn abandon(self) {
        self.parting.decide(Fate::Abandoned);
    }

    /// For an isolate that ends now, while the process goes on: a child that has been forked is watched and reaped as ever. This waits until the
    /// capture's thread has nothing to do with the isolate any more, which is at once, since it listens for the stop while it waits for that thread. The thread is not
    /// joined: it ends with its child, and the addon stays loaded (it is linked with `nodelete`).
    pub fn let_finish(mut self) {
        self.parting.decide(Fate::Finished);
        drop(self.stop.take());
        drop(self.parting.reach.lock());
        drop(self.thread.take());
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

fn run(job: &Job, stop: &Receiver<()>, parting: &Parting) -> Result<Product, Failure> {
    let start = Instant::now();
    check_dir(job)?;
    match job.aim {
        Aim::Snapshot => {
            let attempt = OpenAttempt::begin(job, stop)?;
            let result = match job.config.mode {
                Mode::Inline => inline::capture(job, &attempt, stop),
                _ => by_fork(job, &attempt, stop, parting),
            };
            let mut artifact = attempt.end(result, job)?;
            artifact.duration_ms = start.elapsed().as_secs_f64() * 1e3;
            Ok(Product::Snapshot(Box::new(artifact)))
        }
        Aim::Census { max_classes } => {
            let errand = CensusErrand::new(max_classes, job.redact)?;
            let attempt = OpenAttempt::begin(job, stop)?;
            let result = forked::run(&errand, job, &attempt, stop, parting);
            if let Err(failure) = &result {
                believe_no_more(failure);
            }
            let mut counted = attempt.end_census(result, job)?;
            counted.duration_ms = start.elapsed().as_secs_f64() * 1e3;
            Ok(Product::Census(Box::new(counted)))
        }
    }
}

/// From the pages if that is wished or may be, and by V8's generator where that is wished or the pages do not serve.
fn by_fork(job: &Job, attempt: &OpenAttempt, stop: &Receiver<()>, parting: &Parting) -> Result<Artifact, Failure> {
    let wished = job.config.engine;
    let run = |engine| forked::run(&Snapshot::new(job, engine)?, job, attempt, stop, parting);
    let why = match (choose(wished), unsupported()) {
        (Engine::Pages, Some(why)) => return Err(Failure::Pages(why)),
        (Engine::Pages, None) => {
            let result = run(Engine::Pages);
            match &result {
                Err(failure) if believe_no_more(failure) => unsupported().unwrap_or_default(),
                // The next one may be right again.
                Err(Failure::Sum { why, .. }) if wished == Engine::Auto => why.clone(),
                _ => return result,
            }
        }
        (engine, _) => {
            if wished == Engine::Auto {
                fallback(unsupported()).iter().for_each(|failure| (job.say)(failure));
            }
            return run(engine);
        }
    };
    if wished != Engine::Auto {
        return Err(Failure::Pages(why));
    }
    fallback(Some(why)).iter().for_each(|failure| (job.say)(failure));
    run(Engine::V8)
}

fn check_dir(job: &Job) -> Result<(), Failure> {
    let dir = &job.naming.dir;
    disk::ensure_writable_dir(dir).map_err(|error| Failure::Directory { dir: dir.clone(), error })
}
