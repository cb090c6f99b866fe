//! The analysis of an unattended hunt: a process of its own that reads the snapshots and answers with the verdict document, started and waited for by a thread of its own.
//!
//! The app lends it nothing but a niceness of 19: it is another program (Node, with `js/analyst.js`), so neither a fault nor a hunger of it is the app's. Before it is started
//! there has to be room for it ([`room`]); it is ended when there no longer is, when it takes too long, and with the app.

mod no_verdict;
mod room;

pub use no_verdict::NoVerdict;

use super::directory::Directory;
use super::job::Config;
use super::journal::{Entry, History, Journal, Judged, Moment};
use super::quiet::is_stopped;
use crate::hunt::Verdict;
use crate::hunt::verdict::Answer;
use crate::os::command::{self, Errand, Halt, Order, Ran};
use crate::os::own_file_bytes;
use crossbeam_channel::{Receiver, Sender, bounded};
use room::Room;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The document, and a few figures around it. Ten suspects with their paths take a hundredth of that.
const ANSWER_AT_MOST: usize = 8 << 20;
/// How often the room is looked at, in looks at the process.
const LOOKS_A_CHECK: u32 = 5;
/// A leak that is known is told again after so long.
const TELL_AGAIN: Duration = Duration::from_secs(24 * 3600);

/// How the process is started.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnalystConfig {
    /// The program and its first arguments; the pid of this process and the snapshots are appended.
    pub command: Vec<String>,
    pub environment: BTreeMap<String, String>,
    /// Why there is no such program here, if so.
    #[serde(default)]
    pub unavailable: Option<String>,
    pub deadline_ms: u64,
    /// The most memory that it may take; only what there is bounds it otherwise.
    #[serde(default)]
    pub max_memory_bytes: Option<u64>,
}

/// A snapshot of the hunt.
#[derive(Clone, Debug)]
pub struct Exhibit {
    pub path: PathBuf,
    /// V8's text, unpacked.
    pub raw_bytes: u64,
}

/// What is to be judged.
pub struct Case {
    /// Oldest first.
    pub snapshots: Vec<Exhibit>,
    pub dir: PathBuf,
    pub analyst: AnalystConfig,
    pub capture: Config,
}

/// What came of it. Its document lies in a file beside the last snapshot.
#[derive(Debug)]
pub struct Finding {
    pub answer: Answer,
    /// One sentence.
    pub summary: String,
    pub document: Value,
    pub path: PathBuf,
    pub snapshots: Vec<PathBuf>,
    /// Of the first suspect.
    pub fingerprint: Option<String>,
    /// How often hunts of this directory have found it, this time included.
    pub times: u32,
    /// Whether it has not been told lately.
    pub is_news: bool,
    pub duration: Duration,
    pub cost: Cost,
}

/// What the process has taken, by its own account.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    pub cpu_ms: f64,
    pub peak_rss_bytes: u64,
}

#[derive(Deserialize)]
struct Told {
    document: Value,
    cost: Cost,
}

/// An analysis under way. Dropping it ends the process, reaps it, and joins the thread.
pub struct Analysis {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// One at a time for each process, as with captures.
static UNDER_WAY: AtomicBool = AtomicBool::new(false);

struct Slot;

impl Slot {
    fn take() -> Option<Self> {
        // Acquire pairs with the release in `drop`, though nothing is published by it.
        (!UNDER_WAY.swap(true, Ordering::Acquire)).then_some(Self)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        UNDER_WAY.store(false, Ordering::Release);
    }
}

impl Analysis {
    /// Starts it. `done` is called once, on the analysis's thread, unless this returns an error.
    pub fn start(
        case: Case,
        done: impl FnOnce(Result<Finding, NoVerdict>) + Send + 'static,
    ) -> Result<Self, NoVerdict> {
        if let Some(why) = &case.analyst.unavailable {
            return Err(NoVerdict::Unavailable(why.clone()));
        }
        let slot = Slot::take().ok_or(NoVerdict::Busy)?;
        let (stop, stopped) = bounded(0);
        let thread = std::thread::Builder::new()
            .name("leakhunt-analyst".to_owned())
            .spawn(move || {
                // A fault here is no reason to capture no more: it costs this verdict.
                let result = catch_unwind(AssertUnwindSafe(|| run(&case, &stopped)))
                    .unwrap_or_else(|_| Err(NoVerdict::Failed("leakhunt's own code failed".to_owned())));
                drop(slot);
                done(result);
            })
            .map_err(NoVerdict::Thread)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Analysis {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(case: &Case, stop: &Receiver<()>) -> Result<Finding, NoVerdict> {
    let start = Instant::now();
    // Retention, or a person, may have removed some.
    let there: Vec<&Exhibit> = case.snapshots.iter().filter(|file| own_file_bytes(&file.path).is_some()).collect();
    let [.., last] = there[..] else { return Err(NoVerdict::Gone { left: 0 }) };
    if there.len() < 2 {
        return Err(NoVerdict::Gone { left: there.len() });
    }
    let room = Room::open(&case.capture, &case.dir, case.analyst.max_memory_bytes);
    room.admit(there.iter().map(|file| file.raw_bytes).max().unwrap_or(0))?;
    let snapshots: Vec<PathBuf> = there.iter().map(|file| file.path.clone()).collect();
    let answer = ask(case, &snapshots, &room, stop)?;
    let not_ours = |error: serde_json::Error| NoVerdict::Failed(format!("its answer is not a verdict: {error}"));
    let Told { document, cost } = serde_json::from_slice(&answer).map_err(not_ours)?;
    let verdict: Verdict = serde_json::from_value(document.clone()).map_err(not_ours)?;
    let fingerprint = verdict.suspects.first().map(|suspect| suspect.fingerprint.clone());
    let path = write(case, &last.path, &document)?;
    let (times, is_news) = enter(case, &last.path, verdict.verdict, fingerprint.as_deref())?;
    Ok(Finding {
        answer: verdict.verdict,
        summary: verdict.summary,
        document,
        path,
        snapshots,
        fingerprint,
        times,
        is_news,
        duration: start.elapsed(),
        cost,
    })
}

/// Runs the process to its end.
fn ask(case: &Case, snapshots: &[PathBuf], room: &Room, stop: &Receiver<()>) -> Result<Vec<u8>, NoVerdict> {
    let [program, first @ ..] = &case.analyst.command[..] else {
        return Err(NoVerdict::Unavailable("no program is named".to_owned()));
    };
    let arguments = first.iter().map(OsString::from).chain([std::process::id().to_string().into()]);
    let order = Order {
        program: program.into(),
        arguments: arguments.chain(snapshots.iter().map(|path| path.clone().into_os_string())).collect(),
        environment: case.analyst.environment.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        timeout: Duration::from_millis(case.analyst.deadline_ms),
        errand: Some(Errand { nice: case.capture.nice, answer_at_most: ANSWER_AT_MOST }),
    };
    let mut looks = 0;
    let watch = |pid, look| {
        let _ = stop.recv_timeout(look);
        if is_stopped(stop) {
            return ControlFlow::Break(Halt::Stopped);
        }
        looks += 1;
        match if looks % LOOKS_A_CHECK == 0 { room.short(pid) } else { None } {
            Some(why) => ControlFlow::Break(Halt::Because(why)),
            None => ControlFlow::Continue(()),
        }
    };
    match command::run(&order, watch) {
        Ok(Ran::Well(answer)) => Ok(answer),
        Ok(Ran::Badly(words)) => Err(NoVerdict::Failed(words)),
        Ok(Ran::Stopped) => Err(NoVerdict::Stopped),
        Err(error) => Err(NoVerdict::Failed(format!("{program} could not be started: {error}"))),
    }
}

/// The document in a file of its own, whole or not at all.
fn write(case: &Case, last: &Path, document: &Value) -> Result<PathBuf, NoVerdict> {
    let name = last.file_name().unwrap_or_default().to_string_lossy();
    Directory::new(&case.dir).write_verdict(&name, document.to_string().as_bytes()).map_err(NoVerdict::Unwritable)
}

/// Enters it into the journal. Answers how often this leak has been found, and whether it has not been told lately.
fn enter(case: &Case, last: &Path, answer: Answer, fingerprint: Option<&str>) -> Result<(u32, bool), NoVerdict> {
    let mut journal = Journal::open(&Directory::new(&case.dir).journal_path()).map_err(NoVerdict::Unwritable)?;
    let history = journal.read().map_err(NoVerdict::Unwritable)?;
    let is_leak = answer == Answer::Leak;
    let (found, is_news) = known(&history, fingerprint.unwrap_or_default(), &Moment::now());
    let judged = Judged {
        file: last.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        at: Moment::now(),
        verdict: serde_json::to_value(answer).ok().and_then(|word| Some(word.as_str()?.to_owned())).unwrap_or_default(),
        fingerprint: fingerprint.filter(|_| is_leak).map(str::to_owned),
        told: is_leak && is_news,
    };
    journal.append(Entry::Judged(judged)).map_err(NoVerdict::Unwritable)?;
    Ok((found + u32::from(is_leak), is_news))
}

/// How often `fingerprint` has been found before, and whether it is time to tell it.
fn known(history: &History, fingerprint: &str, now: &Moment) -> (u32, bool) {
    let before = || history.judged.iter().filter(|judged| judged.fingerprint.as_deref() == Some(fingerprint));
    let is_news = !before().any(|judged| judged.told && judged.at.age(now) < TELL_AGAIN);
    (u32::try_from(before().count()).unwrap_or(u32::MAX - 1), is_news)
}

#[cfg(test)]
#[path = "../analysis_tests.rs"]
mod tests;
