//! A capture from its parent's side, on a thread of its own that lives as long as the capture.

use super::artifact::Artifact;
use super::attempt::OpenAttempt;
use super::breaker;
use super::failure::Failure;
use super::job::{Job, Mode};
use super::{forked, inline};
use crate::os::disk;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

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
        if let Some(fault) = breaker::own_fault() {
            return Err(fault);
        }
        let slot = Slot::take()?;
        let (stop, stopped) = bounded(0);
        let abandon = Arc::new(AtomicBool::new(false));
        let abandoned = Arc::clone(&abandon);
        let thread = std::thread::Builder::new()
            .name("leakhunt-capture".to_owned())
            .spawn(move || {
                let result = breaker::guard(&job.naming.dir, || run(&job, &stopped, &abandoned));
                drop(slot);
                done(result);
            })
            .map_err(Failure::Thread)?;
        Ok(Self { stop: Some(stop), abandon, thread: Some(thread) })
    }

    /// For a process that ends now: the child is left to finish its file alone.
    pub fn abandon(self) {
        // Release pairs with the acquire where the child is watched, which looks after it has seen the stop.
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
    let attempt = OpenAttempt::begin(job, stop)?;
    let result = match job.config.mode {
        Mode::Inline => inline::capture(job, &attempt, stop),
        _ => forked::capture(job, &attempt, stop, abandoned),
    };
    let mut artifact = attempt.end(result, job)?;
    artifact.duration_ms = start.elapsed().as_secs_f64() * 1e3;
    Ok(artifact)
}

fn check_dir(job: &Job) -> Result<(), Failure> {
    let dir = &job.naming.dir;
    disk::ensure_writable_dir(dir).map_err(|error| Failure::Directory { dir: dir.clone(), error })
}
