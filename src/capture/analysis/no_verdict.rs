//! Why a hunt has snapshots and no verdict. Each reason has a stable code.

use serde_json::{Value, json};
use std::io;
use std::time::Duration;
use thiserror::Error;

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NoVerdict {
    #[error("another analysis of this process is under way")]
    Busy,
    #[error("no process can be started for the analysis: {0}")]
    Unavailable(String),
    #[error(
        "the analysis is expected to take {} MB of memory, and {place} has {} MB to spare: it is put off",
        .needed_bytes.div_ceil(1_000_000), .left_bytes / 1_000_000
    )]
    Room { needed_bytes: u64, left_bytes: u64, place: String },
    #[error("the analysis came to no end: {0}")]
    Failed(String),
    #[error("of the snapshots of this hunt {left} are left, and it takes two to compare")]
    Gone { left: usize },
    #[error("the verdict could not be written: {0}")]
    Unwritable(io::Error),
    #[error(
        "no thread for the analysis could be started: {0}; is the number of threads limited (pids.max, ulimit -u)?"
    )]
    Thread(io::Error),
    #[error("leakhunt was stopped")]
    Stopped,
}

impl NoVerdict {
    /// Of the events `skipped` and `stood-down`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Busy => "ERR_LEAKHUNT_ANALYSIS_BUSY",
            Self::Unavailable(_) => "ERR_LEAKHUNT_ANALYSIS_UNAVAILABLE",
            Self::Room { .. } => "ERR_LEAKHUNT_NO_ROOM",
            Self::Failed(_) => "ERR_LEAKHUNT_ANALYSIS_FAILED",
            Self::Gone { .. } => "ERR_LEAKHUNT_NO_SNAPSHOT",
            Self::Unwritable(_) => "ERR_LEAKHUNT_DIR_UNWRITABLE",
            Self::Thread(_) => "ERR_LEAKHUNT_LIMITED",
            Self::Stopped => "ERR_LEAKHUNT_STOPPED",
        }
    }

    /// The numbers of the sentence under the names of the public API; null where there are none.
    pub fn figures(&self) -> Value {
        match self {
            Self::Room { needed_bytes, left_bytes, place } => {
                json!({ "neededBytes": needed_bytes, "leftBytes": left_bytes, "limitedBy": place })
            }
            _ => Value::Null,
        }
    }

    /// Whether to ask again, and when, where that is known: nothing was begun.
    pub fn is_put_off(&self) -> Option<Option<Duration>> {
        const BUSY: Duration = Duration::from_secs(10);
        match self {
            Self::Busy => Some(Some(BUSY)),
            Self::Room { .. } | Self::Thread(_) => Some(None),
            _ => None,
        }
    }
}
