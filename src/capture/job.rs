//! What a capture is asked to do, and with what.

use super::artifact::Naming;
use super::calibration::Experience;
use super::claim::Claim;
use super::failure::Failure;
use super::format::Format;
use super::retention::Retention;
use super::sidecar::Circumstances;
use crate::trigger::Limits;
use crate::v8::Visitor;
use crossbeam_channel::Sender;
use parking_lot::Mutex;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// In a forked child.
    Fork,
    /// In the process, which stops for seconds: only if the user asked for it.
    Inline,
    Off,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Inline => "inline",
            Self::Off => "off",
        }
    }
}

/// Who makes a snapshot of the heap in a forked child.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// The heap's pages are read, and where they cannot be, or what was read is not believed, V8's generator serves.
    #[default]
    Auto,
    /// V8's own generator.
    V8,
    /// The heap's pages are read, or there is no snapshot.
    Pages,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::V8 => "v8",
            Self::Pages => "pages",
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    pub mode: Mode,
    #[serde(default)]
    pub engine: Engine,
    #[serde(default)]
    pub format: Format,
    /// The child is ended when it takes longer.
    pub deadline_ms: u64,
    /// Forks tried before a capture is given up because no moment was quiet.
    pub attempts: u32,
    /// The child's niceness, 0 to 19; above 0 it also gets batch scheduling and idle IO priority.
    pub nice: i32,
    pub zstd_level: i32,
    /// The most memory that the child may take of its own; only what there is bounds it otherwise.
    #[serde(default)]
    pub max_memory_bytes: Option<u64>,
    /// What is kept for the app of each memory limit, instead of a part of it.
    #[serde(default)]
    pub reserve_bytes: Option<u64>,
    /// Whether V8's call at the heap limit is answered by a capture, and by how many bytes the limit is raised for it.
    pub near_heap_limit: bool,
    pub headroom_bytes: u64,
}

impl Config {
    /// In a forked child from the heap's pages, whatever is said of other captures; off stays off.
    pub fn from_pages(self) -> Self {
        let mode = if self.mode == Mode::Off { Mode::Off } else { Mode::Fork };
        Self { mode, engine: Engine::Pages, ..self }
    }
}

/// Tells JavaScript of something that nobody awaits.
pub type Say = Arc<dyn Fn(&Failure) + Send + Sync>;

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    Snapshot,
    /// The objects counted by class, always in a forked child; so many classes are told one by one.
    Census {
        max_classes: usize,
    },
}

/// One wish for a snapshot or a census.
pub struct Job {
    pub aim: Aim,
    pub config: Config,
    /// V8's own snapshot of the same heap is wanted beside the one from its pages.
    pub beside_v8: bool,
    pub naming: Naming,
    /// Whether the contents of strings are taken out.
    pub redact: bool,
    pub circumstances: Circumstances,
    /// leakhunt's own decision: then the limits count, and retention looks at the files afterwards.
    pub automatic: bool,
    pub limits: Limits,
    pub retention: Retention,
    /// For a hunt: its hold on the directory, and how long a verdict keeps the next one back.
    pub claim: Option<(Arc<Claim>, Duration)>,
    /// Snapshots that retention leaves alone this time.
    pub needed: Vec<String>,
    /// Node's `--v8-pool-size`.
    pub v8_pool_size: usize,
    pub visitor: Option<Visitor>,
    /// The heap in use at the last sample, where V8 cannot be asked.
    pub last_heap_used: u64,
    /// What earlier captures took.
    pub experience: Arc<Mutex<Experience>>,
    /// The heap is at its limit: the app may stand still for a while, since it has little time left otherwise.
    pub at_heap_limit: bool,
    /// On the isolate's thread, as soon as the fork is made.
    pub after_fork: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Has V8 write a snapshot on the JavaScript thread.
    pub ask_inline: Box<dyn Fn(InlineRequest) + Send>,
    pub say: Say,
}

/// Asks for `v8.writeHeapSnapshot(path)`; `path` leads to an open, empty file of its owner's alone. The answer is the stop in milliseconds, measured there,
/// or what went wrong.
pub struct InlineRequest {
    pub path: String,
    pub answer: Sender<Result<f64, String>>,
}
