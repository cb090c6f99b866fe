//! What was short, in words and figures: which limit, how much of it there was, how much was asked, and what to do about it.

use super::calibration::Prediction;
use crate::os::cgroup::MemoryLimit;
use serde_json::{Value, json};
use std::fmt;
use std::path::PathBuf;

/// A limit that a capture can run into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The option `capture.maxMemoryBytes`.
    MaxMemory,
    Cgroup {
        group: PathBuf,
        kind: MemoryLimit,
        ends_all: bool,
    },
    Machine,
    /// `vm.overcommit_memory=2`.
    Commit,
    AddressSpace,
    Data,
    FileSize,
    Descriptors,
    UserTasks,
    Tasks {
        group: PathBuf,
    },
    Disk {
        dir: PathBuf,
    },
    Inodes {
        dir: PathBuf,
    },
}

impl Place {
    /// The stable code of a failure for want of it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MaxMemory | Self::Cgroup { .. } | Self::Machine | Self::Commit => "ERR_LEAKHUNT_NO_ROOM",
            Self::Disk { .. } | Self::Inodes { .. } => "ERR_LEAKHUNT_DISK_FULL",
            _ => "ERR_LEAKHUNT_LIMITED",
        }
    }

    /// A word for machines, `limitedBy` of the figures.
    fn key(&self) -> &'static str {
        match self {
            Self::MaxMemory => "capture.maxMemoryBytes",
            Self::Cgroup { kind: MemoryLimit::Hard, .. } => "cgroup",
            Self::Cgroup { kind: MemoryLimit::Throttle, .. } => "cgroup-high",
            Self::Cgroup { kind: MemoryLimit::WithSwap, .. } => "cgroup-swap",
            Self::Machine => "machine",
            Self::Commit => "overcommit",
            Self::AddressSpace => "RLIMIT_AS",
            Self::Data => "RLIMIT_DATA",
            Self::FileSize => "RLIMIT_FSIZE",
            Self::Descriptors => "RLIMIT_NOFILE",
            Self::UserTasks => "RLIMIT_NPROC",
            Self::Tasks { .. } => "pids",
            Self::Disk { .. } => "disk",
            Self::Inodes { .. } => "inodes",
        }
    }

    /// Where to look, if it is a place in the file system.
    fn path(&self) -> Option<String> {
        match self {
            Self::Cgroup { group, .. } | Self::Tasks { group } => Some(group.to_string_lossy().into_owned()),
            Self::Disk { dir } | Self::Inodes { dir } => Some(dir.to_string_lossy().into_owned()),
            _ => None,
        }
    }

    fn is_counted_in_bytes(&self) -> bool {
        !matches!(self, Self::Descriptors | Self::UserTasks | Self::Tasks { .. } | Self::Inodes { .. })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MaxMemory => write!(f, "capture.maxMemoryBytes"),
            Self::Cgroup { group, kind, ends_all } => {
                let what = match kind {
                    MemoryLimit::Hard => "the memory cgroup",
                    MemoryLimit::Throttle => "memory.high of the cgroup",
                    MemoryLimit::WithSwap => "the limit on memory and swap of the cgroup",
                };
                let all = if *ends_all { ", where the kernel ends all processes at once" } else { "" };
                write!(f, "{what} {}{all}", group.display())
            }
            Self::Machine => write!(f, "the machine"),
            Self::Commit => write!(f, "the kernel, which promises no more than it has (vm.overcommit_memory=2),"),
            Self::AddressSpace => write!(f, "RLIMIT_AS (ulimit -v)"),
            Self::Data => write!(f, "RLIMIT_DATA (ulimit -d)"),
            Self::FileSize => write!(f, "RLIMIT_FSIZE (ulimit -f)"),
            Self::Descriptors => write!(f, "RLIMIT_NOFILE (ulimit -n)"),
            Self::UserTasks => write!(f, "RLIMIT_NPROC (ulimit -u)"),
            Self::Tasks { group } => write!(f, "pids.max of the cgroup {}", group.display()),
            Self::Disk { dir } => write!(f, "the file system of {}", dir.display()),
            Self::Inodes { dir } => write!(f, "the file system of {}", dir.display()),
        }
    }
}

/// A capture that was not begun, because it would not have fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Shortage {
    pub place: Place,
    pub needed: u64,
    pub limit: u64,
    pub held: u64,
    /// Kept for the app, or on the disk.
    pub reserve: u64,
    /// The limit with which it would have fitted.
    pub limit_to_advise: u64,
    pub expected: Prediction,
    pub forks: bool,
}

impl Shortage {
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.held).saturating_sub(self.reserve)
    }

    /// In whole tens of megabytes, and one more: what is in use never stands still.
    fn limit_to_advise(&self) -> u64 {
        const STEP: u64 = 10_000_000;
        self.limit_to_advise.div_ceil(STEP).saturating_add(1).saturating_mul(STEP)
    }

    /// The largest heap that would have fitted, where there is one: not smaller than that of an empty Node, and not where most of what is asked for is the
    /// app's memory once more.
    fn heap_to_advise(&self) -> Option<u64> {
        const EMPTY_NODE: u64 = 10_000_000;
        if self.place == Place::Commit {
            return None;
        }
        let per_byte = self.needed as f64 / self.expected.heap_used.max(1) as f64;
        Some((self.left() as f64 / per_byte) as u64).filter(|heap| *heap >= EMPTY_NODE)
    }

    /// Under the names of the public API.
    pub fn figures(&self) -> Value {
        let (place, expected) = (&self.place, &self.expected);
        let mut figures = json!({ "limitedBy": place.key(), "path": place.path() });
        let amounts = [
            ("needed", self.needed),
            ("left", self.left()),
            ("limit", self.limit),
            ("used", self.held),
            ("reserve", self.reserve),
        ];
        let unit = if place.is_counted_in_bytes() { "Bytes" } else { "" };
        for (name, amount) in amounts {
            figures[format!("{name}{unit}")] = amount.into();
        }
        figures["heapUsedBytes"] = expected.heap_used.into();
        figures["predictedBytes"] = expected.memory.into();
        figures["bytesPerHeapByte"] = expected.ratio.into();
        figures["predictedFrom"] = if expected.measured { "captures" } else { "default" }.into();
        if place.is_counted_in_bytes() {
            figures["advisedLimitBytes"] = self.limit_to_advise().into();
            figures["advisedHeapUsedBytes"] = self.heap_to_advise().into();
        }
        figures
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, needed, limit, held, reserve, .. } = self;
        let left = self.left();
        if !place.is_counted_in_bytes() {
            let what = match place {
                Place::Descriptors => "descriptors",
                Place::Inodes { .. } => "files",
                _ => "processes and threads",
            };
            let of = if matches!(place, Place::Inodes { .. }) { String::new() } else { format!(" of {limit}") };
            return write!(f, "a capture needs {needed} more {what}, and {place} has {left}{of} left");
        }
        let who = if self.forks { "the capture child" } else { "V8, in the app itself," };
        match place {
            Place::Disk { .. } => write!(
                f,
                "the snapshot is expected to take {} MB, and {place} has {} MB free, of which limits.minFreeDiskBytes keeps {} MB: make room there, or choose another dir",
                mb(*needed),
                mb(*limit),
                mb(*reserve)
            )?,
            Place::FileSize => write!(
                f,
                "the snapshot is expected to take {} MB, and {place} allows {} MB: raise it to about {} MB",
                mb(*needed),
                mb(*limit),
                mb(self.limit_to_advise())
            )?,
            Place::MaxMemory => write!(
                f,
                "{who} is expected to take {} MB ({}), and {place} allows {} MB: raise it",
                mb(*needed),
                self.expected,
                mb(*limit)
            )?,
            _ => {
                write!(f, "{who} is expected to take {} MB ({})", mb(*needed), self.expected)?;
                write!(f, ", and {place} has {} MB for it: {} of {} MB are in use", mb(left), mb(*held), mb(*limit))?;
                if *reserve > 0 {
                    write!(f, " and {} MB are kept for the app", mb(*reserve))?;
                }
                write!(f, "; raise the limit to about {} MB", mb(self.limit_to_advise()))?;
            }
        }
        match self.heap_to_advise() {
            Some(heap) => write!(f, ", or capture earlier (thresholds.heapUsedBytes of at most {} MB)", mb(heap)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Shortage {}

impl fmt::Display for Prediction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = if self.measured { "as earlier captures took" } else { "the default until one has been measured" };
        write!(f, "{:.1} for each of the {} MB of heap in use, {from}", self.ratio, mb(self.heap_used))
    }
}

/// A capture that was begun, and ended before the kernel or the app would have run out.
#[derive(Clone, Debug, PartialEq)]
pub struct Exhaustion {
    pub place: Place,
    /// What was left, and the least that has to be.
    pub left: u64,
    pub least: u64,
    pub limit: u64,
    /// What the child had taken by then, of its own.
    pub taken: u64,
    pub expected: Prediction,
    pub phase: &'static str,
    pub after_ms: u64,
}

impl Exhaustion {
    pub fn figures(&self) -> Value {
        json!({
            "limitedBy": self.place.key(),
            "path": self.place.path(),
            "leftBytes": self.left,
            "leastBytes": self.least,
            "limitBytes": self.limit,
            "childBytes": self.taken,
            "predictedBytes": self.expected.memory,
            "predictedFrom": if self.expected.measured { "captures" } else { "default" },
            "heapUsedBytes": self.expected.heap_used,
            "phase": self.phase,
            "endedAfterMs": self.after_ms,
        })
    }
}

impl fmt::Display for Exhaustion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, phase, expected, .. } = self;
        write!(f, "the capture child was ended while it was {phase}, so that the app lives: ")?;
        match place {
            Place::MaxMemory => {
                write!(f, "it had taken {} MB, and {place} allows {} MB", mb(self.taken), mb(self.limit))?
            }
            _ => write!(f, "{place} had {} MB left and at least {} MB have to be", mb(self.left), mb(self.least))?,
        }
        if matches!(place, Place::Disk { .. }) {
            return Ok(());
        }
        write!(f, "; the child had taken {} MB, {} MB were expected ({expected})", mb(self.taken), mb(expected.memory))
    }
}

impl std::error::Error for Exhaustion {}

/// Whole megabytes with their thousands apart, `2,850`: decimal, as disks and Chrome DevTools count.
fn mb(bytes: u64) -> String {
    let digits = (bytes.saturating_add(500_000) / 1_000_000).to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
