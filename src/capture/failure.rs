//! Why there is no snapshot. Each reason has a stable code; each sentence names what to look at.

use super::shortage::{Exhaustion, Shortage};
use serde_json::{Value, json};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Failure {
    #[error("capture is switched off: {0}")]
    Off(String),
    #[error("another capture of this process is under way")]
    Busy,
    #[error("forked capture does not work here: {0}; capture.mode 'inline' would stop the app for seconds instead")]
    Unsupported(String),
    #[error("cannot write to {dir}: {error}", dir = .dir.display())]
    Directory { dir: PathBuf, error: io::Error },
    #[error(transparent)]
    Room(Box<Shortage>),
    #[error(transparent)]
    Exhausted(Box<Exhaustion>),
    #[error(
        "the capture child had not come out of fork() after {waited_ms} ms and was ended: a fork handler (pthread_atfork) of another addon or library waits in it"
    )]
    NeverBegan { waited_ms: u64 },
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
    #[error("the capture child was still {phase} after capture.deadlineMs, {deadline_ms} ms, and was ended")]
    Deadline { deadline_ms: u64, phase: &'static str },
    #[error("V8 could not write the snapshot in the process: {0}")]
    Inline(String),
    #[error("the snapshot could not be redacted, so it was not kept: {reason}; redact: false would write it as it is")]
    Redaction { reason: String },
    #[error("leakhunt was stopped")]
    Stopped,
}

impl Failure {
    /// The stable code of `err.code` and of the event `skipped`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Off(_) => "ERR_LEAKHUNT_CAPTURE_OFF",
            Self::Busy => "ERR_LEAKHUNT_CAPTURE_BUSY",
            Self::Unsupported(_) => "ERR_LEAKHUNT_CAPTURE_UNSUPPORTED",
            Self::Directory { .. } => "ERR_LEAKHUNT_DIR_UNWRITABLE",
            Self::Room(shortage) => shortage.place.code(),
            Self::Exhausted(exhaustion) => exhaustion.place.code(),
            Self::NeverBegan { .. } => "ERR_LEAKHUNT_FORK_HANDLER",
            Self::NotQuiet { .. } => "ERR_LEAKHUNT_NOT_QUIET",
            Self::Unreachable { .. } => "ERR_LEAKHUNT_THREAD_BUSY",
            Self::Thread(_) => "ERR_LEAKHUNT_LIMITED",
            Self::Fork(_) => "ERR_LEAKHUNT_FORK_FAILED",
            Self::Child { .. } => "ERR_LEAKHUNT_CAPTURE_FAILED",
            Self::Deadline { .. } => "ERR_LEAKHUNT_CAPTURE_DEADLINE",
            Self::Inline(_) => "ERR_LEAKHUNT_CAPTURE_FAILED",
            Self::Redaction { .. } => "ERR_LEAKHUNT_REDACTION_FAILED",
            Self::Stopped => "ERR_LEAKHUNT_STOPPED",
        }
    }

    /// The numbers of the sentence under the names of the public API (bytes and milliseconds); null where there are none.
    pub fn figures(&self) -> Value {
        match self {
            Self::Room(shortage) => shortage.figures(),
            Self::Exhausted(exhaustion) => exhaustion.figures(),
            Self::NeverBegan { waited_ms } => json!({ "waitedMs": waited_ms }),
            Self::NotQuiet { forks, waited_ms } => json!({ "forks": forks, "waitedMs": waited_ms }),
            Self::Unreachable { waited_ms } => json!({ "waitedMs": waited_ms }),
            Self::Deadline { deadline_ms, .. } => json!({ "deadlineMs": deadline_ms }),
            _ => Value::Null,
        }
    }
}
