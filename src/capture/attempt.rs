//! One attempt, from the lock and the line in the journal to the line that closes it.

use super::artifact::Artifact;
use super::board::Board;
use super::breaker;
use super::calibration::{Taken, Work};
use super::census::Counted;
use super::directory::{Directory, Hold};
use super::failure::Failure;
use super::job::{Aim, Engine, Job};
use super::journal::{Begin, End, Entry, History, Journal, Left, Moment, Removed};
use super::retention::Kept;
use crate::os::{self, AtExit, ChildKeeps, FileLock};
use crate::trigger::Past;
use crossbeam_channel::Receiver;
use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A start tidies up under the same lock, for some milliseconds; the captures of others take longer than this.
const PATIENCE: Duration = Duration::from_secs(2);
/// Captures of earlier processes that the first budget of this one goes by.
const RECALLED: usize = 3;

pub struct OpenAttempt {
    directory: Directory,
    lock: Option<FileLock>,
    journal: Arc<Journal>,
    history: History,
    begin: Begin,
    started: Instant,
    /// Set once the attempt is in the journal; says there that the app ends, if it does.
    declared: OnceCell<AtExit>,
    closed: bool,
}

impl OpenAttempt {
    /// Takes the lock, and asks the journal whether there may be an attempt.
    pub fn begin(job: &Job, stop: &Receiver<()>) -> Result<Self, Failure> {
        let started = Instant::now();
        let directory = Directory::new(&job.naming.dir);
        let Hold { lock, journal, mut history } = directory.hold("captures", PATIENCE, stop)?;
        if !lock.is_held() {
            say_that_nothing_is_locked(job);
        }
        let now = Moment::now();
        match breaker::standing(&history, &now, journal.path()) {
            Some(Failure::BackingOff { .. }) if !job.automatic => {}
            Some(failure) => return Err(failure),
            None => {}
        }
        if job.automatic {
            job.limits.allow(&past(&history, &directory, &now)).map_err(Failure::Limit)?;
        }
        if let Some((claim, rest)) = &job.claim {
            claim.take(&job.naming.dir, &history, &now, *rest)?;
        }
        for work in Work::ALL {
            job.experience.lock().with(work).recall(history.last_of(work, RECALLED).map(taken));
        }
        let begin = describe(job, now);
        history.add(Entry::Begin(begin.clone()));
        Ok(Self {
            directory,
            lock: Some(lock),
            journal: Arc::new(journal),
            history,
            begin,
            started,
            declared: OnceCell::new(),
            closed: false,
        })
    }

    /// Writes into the journal that it begins. On disk when this returns: after it, and not before, anything may be forked.
    pub fn declare(&self) -> Result<(), Failure> {
        if self.declared.get().is_some() {
            return Ok(());
        }
        let unusable = |error| Failure::Journal { path: self.journal.path().to_owned(), error };
        self.journal.append(Entry::Begin(self.begin.clone())).and_then(|()| self.journal.sync()).map_err(unusable)?;
        let left = Entry::Left(Left { id: self.begin.id.clone(), at: self.begin.at.clone() }).line();
        self.declared.get_or_init(|| AtExit::write(self.journal.file(), left.into_bytes()));
        Ok(())
    }

    /// The child's way to close the attempt, should nobody else be there to do it.
    pub fn record(&self) -> ChildRecord {
        ChildRecord {
            lock: self.lock.as_ref().map(FileLock::descriptor),
            journal: Arc::clone(&self.journal),
            id: self.begin.id.clone(),
            started: self.started,
        }
    }

    /// Closes it in the journal, and has retention look at the files.
    pub fn end(self, result: Result<Artifact, Failure>, job: &Job) -> Result<Artifact, Failure> {
        self.close(result, job, |attempt, artifact| attempt.written(artifact, job))
    }

    /// Closes the attempt of a census in the journal: there is no file to be told of.
    pub fn end_census(self, result: Result<Counted, Failure>, job: &Job) -> Result<Counted, Failure> {
        self.close(result, job, |attempt, counted| {
            let end = End {
                heap_used_bytes: Some(counted.counts.heap_used_bytes),
                child_private_bytes: (counted.child_private_bytes > 0).then_some(counted.child_private_bytes),
                pause_ms: Some(counted.pause_ms),
                ..attempt.ended(End::COUNTED)
            };
            attempt.append(Entry::End(end), job);
        })
    }

    fn close<T>(
        mut self,
        result: Result<T, Failure>,
        job: &Job,
        succeeded: impl FnOnce(&mut Self, &T),
    ) -> Result<T, Failure> {
        self.closed = true;
        if self.declared.get().is_none() {
            return result;
        }
        match &result {
            Ok(product) => succeeded(&mut self, product),
            Err(Failure::Left) => {
                self.append(Entry::Left(Left { id: self.begin.id.clone(), at: Moment::now() }), job);
                if let Some(lock) = self.lock.take() {
                    lock.leave_to_child();
                }
            }
            Err(failure) => {
                let end = End { words: failure.to_string(), ..self.ended(failure.code()) };
                self.append(Entry::End(end), job);
            }
        }
        result
    }

    fn written(&mut self, artifact: &Artifact, job: &Job) {
        let end = End {
            file: artifact.path.file_name().map(|name| name.to_string_lossy().into_owned()),
            engine: Some(artifact.engine.name().to_owned()),
            bytes: Some(artifact.bytes),
            raw_bytes: Some(artifact.raw_bytes),
            nodes: Some(artifact.nodes),
            heap_used_bytes: Some(artifact.heap_used_bytes),
            child_private_bytes: (artifact.child_private_bytes > 0).then_some(artifact.child_private_bytes),
            pause_ms: Some(artifact.pause_ms),
            ..self.ended(End::WRITTEN)
        };
        self.history.add(Entry::End(end.clone()));
        if !artifact.journalled {
            self.append(Entry::End(end), job);
        }
        if job.automatic {
            let now = Moment::now();
            let surplus = job.retention.surplus(&kept(&self.history, &self.directory, &now), &job.needed);
            for file in surplus.into_iter().filter(|file| self.directory.remove(file)) {
                self.append(Entry::Removed(Removed { file, at: now.clone() }), job);
            }
        }
    }

    fn ended(&self, outcome: &str) -> End {
        End { duration_ms: Some(self.started.elapsed().as_secs_f64() * 1e3), ..End::new(&self.begin.id, outcome) }
    }

    fn append(&self, entry: Entry, job: &Job) {
        if let Err(error) = self.journal.append(entry) {
            // The attempt itself is over, and went as it went.
            let failure = Failure::Journal { path: self.journal.path().to_owned(), error };
            (job.say)(&failure);
        }
    }
}

impl Drop for OpenAttempt {
    /// A panic comes by here: the attempt is closed, so that nobody takes it for a death.
    fn drop(&mut self) {
        if !self.closed && self.declared.get().is_some() {
            let _ = self.journal.append(Entry::End(self.ended(Failure::FAULT)));
        }
    }
}

/// What the child takes along.
pub struct ChildRecord {
    lock: Option<std::os::fd::RawFd>,
    journal: Arc<Journal>,
    id: String,
    started: Instant,
}

impl ChildRecord {
    /// The descriptors that stay open in the child, and the line it leaves should it end early when its parent is gone.
    pub fn keeps(&self) -> ChildKeeps {
        let words = "the child ended early, and later than the app".to_owned();
        let line = Entry::End(End { words, ..End::new(&self.id, "ERR_LEAKHUNT_CAPTURE_FAILED") }).line();
        ChildKeeps {
            descriptors: self.lock.into_iter().chain([self.journal.descriptor()]).collect(),
            last_words: Some((self.journal.descriptor(), format!("\n{line}").into_bytes())),
        }
    }

    /// In the child, when both files have their names: the app may be gone by now.
    pub fn written(&self, file: String, engine: Engine, heap_used_bytes: Option<u64>, board: &Board) {
        let end = End {
            file: Some(file),
            engine: Some(engine.name().to_owned()),
            bytes: Some(board.bytes()),
            raw_bytes: Some(board.raw_bytes()),
            nodes: Some(board.nodes()),
            heap_used_bytes,
            child_private_bytes: (board.child_private_bytes() > 0).then(|| board.child_private_bytes()),
            pause_ms: board.pause_ms(),
            duration_ms: Some(self.started.elapsed().as_secs_f64() * 1e3),
            ..End::new(&self.id, End::WRITTEN)
        };
        if self.journal.append(Entry::End(end)).and_then(|()| self.journal.sync()).is_ok() {
            board.set_journalled();
        }
    }
}

/// For the budget of the next one.
fn taken(end: &End) -> Taken {
    let known = |bytes: Option<u64>| bytes.unwrap_or(0);
    Taken {
        heap_used: known(end.heap_used_bytes),
        memory: known(end.child_private_bytes),
        text: known(end.raw_bytes),
        file: known(end.bytes),
    }
}

/// The automatic attempts of all processes, as the limits look at them.
fn past(history: &History, directory: &Directory, now: &Moment) -> Past {
    let automatic = || history.attempts.iter().filter(|attempt| attempt.begin.automatic);
    Past {
        began: automatic().map(|attempt| attempt.begin.at.age(now)).collect(),
        ended: automatic().filter_map(|attempt| Some(attempt.end.as_ref()?.at.age(now))).min(),
        bytes: kept(history, directory, now).iter().fold(0, |sum: u64, file| sum.saturating_add(file.bytes)),
    }
}

/// The automatic snapshots that are there, oldest first.
fn kept(history: &History, directory: &Directory, now: &Moment) -> Vec<Kept> {
    history
        .written()
        .filter(|(begin, _)| begin.automatic)
        .filter_map(|(begin, end)| {
            let file = end.file.clone()?;
            let bytes = directory.bytes_of(&file)?;
            Some(Kept { file, series: (begin.run.clone(), begin.thread_id), bytes, age: end.at.age(now) })
        })
        .collect()
}

fn describe(job: &Job, at: Moment) -> Begin {
    let about = &job.circumstances;
    let recorded = |name: &str| about.recorded[name].as_u64();
    let sampled = |name: &str| about.recorded["samples"].as_array().and_then(|samples| samples.last()?[name].as_u64());
    Begin {
        id: os::random_id(),
        run: os::run_id().to_owned(),
        pid: about.pid,
        thread_id: about.thread_id,
        host: os::host_name(),
        at,
        leakhunt: env!("CARGO_PKG_VERSION").to_owned(),
        reason: about.reason.clone(),
        automatic: job.automatic,
        mode: mode_of(job).to_owned(),
        deadline_ms: job.config.deadline_ms,
        heap_used_bytes: sampled("heapUsedBytes"),
        heap_limit_bytes: sampled("heapLimitBytes"),
        rss_bytes: recorded("rssBytes"),
        cgroup_used_bytes: recorded("cgroupUsedBytes"),
        cgroup_limit_bytes: recorded("cgroupLimitBytes"),
    }
}

/// What an attempt is called in the journal.
fn mode_of(job: &Job) -> &'static str {
    match job.aim {
        Aim::Census { .. } => "census",
        Aim::Snapshot => job.config.mode.name(),
    }
}

fn say_that_nothing_is_locked(job: &Job) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if !SAID.swap(true, Ordering::Relaxed) {
        (job.say)(&Failure::NoLock { dir: job.naming.dir.clone() });
    }
}
