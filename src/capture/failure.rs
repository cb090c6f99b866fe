//! Why there is no snapshot. Each reason has a stable code; each sentence names what to look at.

use super::shortage::{Exhaustion, Shortage};
use crate::os::is_exhaustion;
use crate::trigger::Denied;
use serde_json::{Value, json};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Failure {
    #[error("capture is switched off: {0}")]
    Off(String),
    #[error("another capture of this process is under way")]
    Busy,
    #[error("{who} captures into {dir} at this moment, and captures come one after the other", dir = .dir.display())]
    BusyElsewhere { dir: PathBuf, who: String },
    #[error("{who} hunts in {dir} at this moment, and a directory has one hunt at a time", dir = .dir.display())]
    HuntElsewhere { dir: PathBuf, who: String },
    #[error("a hunt in this directory has come to a verdict lately: the next one waits for {left_s} s more", left_s = .left_ms.div_ceil(1000))]
    HuntRests { left_ms: u64 },
    #[error("cannot use {path}: {error}; a capture that is not in the journal is not made", path = .path.display())]
    Journal { path: PathBuf, error: io::Error },
    #[error("{dir} is on a file system without locks: processes that share it may capture at the same time", dir = .dir.display())]
    NoLock { dir: PathBuf },
    #[error("{0}")]
    Limit(Denied),
    #[error(
        "the last capture was never finished, so it may have killed the process ({deaths} in a row): automatic captures wait for {left_s} s more, or until somebody deletes {journal}, \
         which has the figures of that time",
        left_s = .left_ms.div_ceil(1000),
        journal = .journal.display()
    )]
    BackingOff { deaths: usize, left_ms: u64, journal: PathBuf },
    #[error(
        "{deaths} captures in a row were never finished, so they may have killed the process: no more are made until somebody has found out why and deletes {journal}",
        journal = .journal.display()
    )]
    CrashLoop { deaths: usize, journal: PathBuf },
    #[error("leakhunt's own code failed ({text}), and captures are off for this process and for those after it{until}", until = until(.version, .journal.as_deref()))]
    Fault { text: String, version: &'static str, journal: Option<PathBuf> },
    #[error("forked capture does not work here: {0}; capture.mode 'inline' would stop the app for seconds instead")]
    Unsupported(String),
    #[error("the heap's pages cannot be read here: {0}")]
    Pages(String),
    #[error("the heap's pages were read in vain, {times} times in a row: {why}")]
    Sum { why: String, times: u32 },
    #[error(
        "the heap's pages cannot be read here ({0}), so V8's own generator makes the snapshot, in more time and with more memory"
    )]
    Fallback(String),
    #[error(
        "format 'lhgraph' is of a graph, which V8's generator does not give: expected capture.engine 'auto' or 'pages' and capture.mode 'fork', got '{engine}' and '{mode}'"
    )]
    Format { engine: &'static str, mode: &'static str },
    #[error("cannot write to {dir}: {error}", dir = .dir.display())]
    Directory { dir: PathBuf, error: io::Error },
    #[error(transparent)]
    Room(Box<Shortage>),
    #[error(transparent)]
    Exhausted(Box<Exhaustion>),
    #[error(
        "the capture child had not come out of fork() after {waited_ms} ms and was ended: a fork handler (pthread_atfork) of {who} waits in it",
        who = if .suspects.is_empty() { "another addon or library".to_owned() } else { .suspects.join(" or ") }
    )]
    NeverBegan { waited_ms: u64, suspects: Vec<String> },
    #[error("the disk that holds {dir} filled up while the capture child was {phase}: {error}", dir = .dir.display())]
    Filled { dir: PathBuf, phase: &'static str, error: io::Error },
    #[error("{what} is more than this process may: {error}")]
    Limited { what: &'static str, error: io::Error },
    #[error(
        "no quiet moment within {waited_ms} ms: V8's worker threads were at work ({forks} forks were made in vain)"
    )]
    NotQuiet { forks: u32, waited_ms: u64 },
    #[error("the JavaScript thread did not come by within {waited_ms} ms: it is inside one long native call")]
    Unreachable { waited_ms: u64 },
    #[error("no thread for the capture could be started: {0}; is the number of threads limited (pids.max, ulimit -u)?")]
    Thread(io::Error),
    #[error("fork failed: {0}")]
    Fork(io::Error),
    #[error("the capture child {how} while it was {phase}")]
    Child { how: String, phase: &'static str },
    /// The same, time and again.
    #[error("the capture child {how} while it was {phase}, {times} times in a row")]
    Crashes { how: String, phase: &'static str, times: u32 },
    #[error("the capture child was still {phase} after capture.deadlineMs, {deadline_ms} ms, and was ended")]
    Deadline { deadline_ms: u64, phase: &'static str },
    #[error("V8 could not write the snapshot in the process: {0}")]
    Inline(String),
    #[error("the snapshot could not be redacted, so it was not kept: {reason}; redact: false would write it as it is")]
    Redaction { reason: String },
    #[error("{path} could not be delivered in {attempts} attempts: {words}; it stays where it is, and the next start tries again", path = .path.display())]
    Delivery { path: PathBuf, attempts: u32, words: String },
    #[error("no control socket in {path}: {error}; recording goes on, but `leakhunt ps` and its like will not find this process (control: false does without)", path = .path.display())]
    Control { path: PathBuf, error: io::Error },
    #[error("leakhunt was stopped")]
    Stopped,
    #[error("the process ended, and the capture child goes on alone")]
    Left,
}

fn until(version: &str, journal: Option<&Path>) -> String {
    journal.map_or_else(String::new, |journal| {
        format!(", until another version than {version} is installed or somebody deletes {}", journal.display())
    })
}

impl Failure {
    pub const FAULT: &str = "ERR_LEAKHUNT_FAULT";

    /// For an error of a system call that prepares a fork: the process is at a limit of its own, or what was asked for is not to be had here at all.
    pub fn unprepared(what: &'static str, error: io::Error) -> Self {
        if is_exhaustion(&error) {
            Self::Limited { what, error }
        } else {
            Self::Unsupported(format!("{what}: {error}"))
        }
    }

    /// For an error that the child met in its files.
    pub fn in_child(error: io::Error, dir: &Path, phase: &'static str) -> Self {
        let dir = dir.to_owned();
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Filled { dir, phase, error },
            ErrorKind::FileTooLarge => Self::Limited { what: "a file of this size", error },
            ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::PermissionDenied => Self::Directory { dir, error },
            _ if is_exhaustion(&error) => Self::Limited { what: "what the capture child needs", error },
            _ => Self::Child { how: format!("failed ({error})"), phase },
        }
    }

    /// The stable code of `err.code` and of the event `skipped`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Off(_) => "ERR_LEAKHUNT_CAPTURE_OFF",
            Self::Busy | Self::BusyElsewhere { .. } => "ERR_LEAKHUNT_CAPTURE_BUSY",
            Self::HuntElsewhere { .. } => "ERR_LEAKHUNT_HUNT_ELSEWHERE",
            Self::HuntRests { .. } => "ERR_LEAKHUNT_HUNT_RESTS",
            Self::Journal { .. } => "ERR_LEAKHUNT_JOURNAL",
            Self::Delivery { .. } => "ERR_LEAKHUNT_DELIVERY_FAILED",
            Self::NoLock { .. } => "ERR_LEAKHUNT_NO_LOCK",
            Self::Limit(_) => "ERR_LEAKHUNT_LIMIT",
            Self::BackingOff { .. } => "ERR_LEAKHUNT_BACKING_OFF",
            Self::CrashLoop { .. } => "ERR_LEAKHUNT_CRASH_LOOP",
            Self::Fault { .. } => Self::FAULT,
            Self::Unsupported(_) => "ERR_LEAKHUNT_CAPTURE_UNSUPPORTED",
            Self::Pages(_) | Self::Sum { .. } | Self::Fallback(_) => "ERR_LEAKHUNT_PAGES_UNSUPPORTED",
            Self::Format { .. } => "ERR_LEAKHUNT_FORMAT_UNSUPPORTED",
            Self::Directory { .. } => "ERR_LEAKHUNT_DIR_UNWRITABLE",
            Self::Room(shortage) => shortage.place.code(),
            Self::Exhausted(exhaustion) => exhaustion.place.code(),
            Self::NeverBegan { .. } => "ERR_LEAKHUNT_FORK_HANDLER",
            Self::Filled { .. } => "ERR_LEAKHUNT_DISK_FULL",
            Self::Limited { .. } => "ERR_LEAKHUNT_LIMITED",
            Self::NotQuiet { .. } => "ERR_LEAKHUNT_NOT_QUIET",
            Self::Unreachable { .. } => "ERR_LEAKHUNT_THREAD_BUSY",
            Self::Thread(_) => "ERR_LEAKHUNT_LIMITED",
            Self::Fork(_) => "ERR_LEAKHUNT_FORK_FAILED",
            Self::Child { .. } | Self::Crashes { .. } => "ERR_LEAKHUNT_CAPTURE_FAILED",
            Self::Deadline { .. } => "ERR_LEAKHUNT_CAPTURE_DEADLINE",
            Self::Inline(_) => "ERR_LEAKHUNT_CAPTURE_FAILED",
            Self::Redaction { .. } => "ERR_LEAKHUNT_REDACTION_FAILED",
            Self::Control { .. } => "ERR_LEAKHUNT_CONTROL",
            Self::Stopped | Self::Left => "ERR_LEAKHUNT_STOPPED",
        }
    }

    /// The numbers of the sentence under the names of the public API (bytes and milliseconds); null where there are none.
    pub fn figures(&self) -> Value {
        match self {
            Self::Room(shortage) => shortage.figures(),
            Self::Exhausted(exhaustion) => exhaustion.figures(),
            Self::NeverBegan { waited_ms, .. } => json!({ "waitedMs": waited_ms }),
            Self::Limit(denied) => denied.figures(),
            Self::BackingOff { deaths, left_ms, .. } => json!({ "deaths": deaths, "leftMs": left_ms }),
            Self::HuntRests { left_ms } => json!({ "leftMs": left_ms }),
            Self::CrashLoop { deaths, .. } => json!({ "deaths": deaths }),
            Self::NotQuiet { forks, waited_ms } => json!({ "forks": forks, "waitedMs": waited_ms }),
            Self::Unreachable { waited_ms } => json!({ "waitedMs": waited_ms }),
            Self::Deadline { deadline_ms, .. } => json!({ "deadlineMs": deadline_ms }),
            _ => Value::Null,
        }
    }

    /// When an automatic capture that was refused so is to be tried again; `None` where trying again would not help by itself.
    pub fn again_in(&self) -> Option<Duration> {
        /// A capture of somebody else's takes seconds, and each try reads the journal.
        const BUSY: Duration = Duration::from_secs(2);
        match self {
            Self::Busy | Self::BusyElsewhere { .. } => Some(BUSY),
            Self::Limit(denied) => denied.again_in(),
            Self::HuntRests { left_ms } | Self::BackingOff { left_ms, .. } => Some(Duration::from_millis(*left_ms)),
            _ => None,
        }
    }

    /// Whether it was given up for want of something before the fork. (What the child itself meets is in the journal as an attempt, and counts by that.)
    pub fn is_unbegun(&self) -> bool {
        matches!(self, Self::Room(_) | Self::Directory { .. } | Self::Limited { .. } | Self::Thread(_))
    }

    /// Whether it is no refusal of a capture, but of a hunt, which has to begin another time.
    pub fn is_of_hunts(&self) -> bool {
        matches!(self, Self::HuntElsewhere { .. } | Self::HuntRests { .. })
    }

    /// Whether it was refused before anything was attempted, so that it does not count.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::BusyElsewhere { .. }
                | Self::HuntElsewhere { .. }
                | Self::HuntRests { .. }
                | Self::Journal { .. }
                | Self::Limit(_)
                | Self::BackingOff { .. }
                | Self::CrashLoop { .. }
                | Self::Fault { .. }
        )
    }
}
