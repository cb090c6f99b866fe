//! The verdict document: what a hunt says, as data. Everything that is shown to people or compared by programs comes from here.
//!
//! Readers skip fields that they do not know, so fields may be added; `version` grows when the meaning of one changes.

pub use super::elsewhere::{Elsewhere, Kind as ElsewhereKind};
pub use super::observations::{Example, Observation, Trend};
use crate::heap::Graph;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The version of the document that this code writes.
pub const VERSION: u32 = 1;

/// One hunt over one or more snapshots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    pub version: u32,
    pub verdict: Answer,
    /// One sentence, for people.
    pub summary: String,
    pub snapshots: Vec<SnapshotFacts>,
    /// The most likely leak first.
    pub suspects: Vec<Suspect>,
    /// Leaks that the user's list says are accepted. They do not count towards `verdict`.
    #[serde(default)]
    pub known: Vec<KnownLeak>,
    pub unnamed_functions: UnnamedFunctions,
    /// What grew and yet is no leak, with the reason: a reader who expected it here can see that it was looked at.
    #[serde(default)]
    pub acquitted: Vec<Acquitted>,
    /// What is large in the last snapshot: the whole answer when there is only one.
    #[serde(default)]
    pub largest: Vec<Large>,
    /// What is odd in the last snapshot, whether or not it grows.
    #[serde(default)]
    pub observations: Vec<Observation>,
    /// Memory of the process that grows where no snapshot shows it.
    #[serde(default)]
    pub elsewhere: Option<Elsewhere>,
    /// What the reader should know about the evidence as a whole: too few snapshots, ids that do not join.
    #[serde(default)]
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    Leak,
    NoLeak,
    Inconclusive,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SnapshotFacts {
    pub path: String,
    pub nodes: u64,
    pub edges: u64,
    pub shallow_bytes: u64,
}

impl SnapshotFacts {
    pub fn of(path: &Path, graph: &Graph) -> Self {
        SnapshotFacts {
            path: path.display().to_string(),
            nodes: graph.node_count() as u64,
            edges: graph.edge_count() as u64,
            shallow_bytes: graph.total_size().0,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspect {
    pub rank: u32,
    /// From 0 to 1: of suspects like this one, so many were the leak of their program.
    #[serde(default)]
    pub confidence: f64,
    /// The class that owns the growth: a constructor's name, or `Object` with its shape for plain objects.
    pub class: String,
    pub cause: Cause,
    /// Within the cause: which rule found it, `abort-signal` or `interval`.
    #[serde(default)]
    pub kind: String,
    pub counts: Vec<u64>,
    pub retained_bytes: Vec<u64>,
    /// The mean over all intervals, in objects.
    pub growth_per_snapshot: i64,
    pub holder: Holder,
    /// From whoever holds an instance up to a GC root: every step holds the one before it, the first holds the instance.
    pub path: Vec<PathStep>,
    pub location: Option<Location>,
    pub fingerprint: String,
    pub hypothesis: String,
    pub evidence: Vec<String>,
    pub would_refute: String,
    /// Classes that grow because this one does.
    #[serde(default)]
    pub grows_with: Vec<Companion>,
    /// What the rule found out beyond the holder; fields that say nothing are left out.
    #[serde(default)]
    pub details: Details,
    /// What censuses of the same process counted of the class meanwhile, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub censuses: Option<Censuses>,
}

/// Counts of a class, oldest first; milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Censuses {
    pub timestamps_ms: Vec<u64>,
    pub counts: Vec<u64>,
}

/// A suspect as it would stand among the others, and what the list says of it. `rank` counts among the known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownLeak {
    #[serde(flatten)]
    pub suspect: Suspect,
    pub reason: Option<String>,
    /// The last day for which it is accepted.
    pub until: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Details {
    /// The event that is listened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The program's function that piles up, or that is called back: the listener, the timer's, the one that waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<Location>,
    /// The variables that each such function keeps, the heaviest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub captured: Vec<Captured>,
    /// Milliseconds between `setInterval`'s calls, or until `setTimeout`'s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// Where the holder lives: `module variable`, `module export`, `static property`, `global`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Whoever else holds the things, beside the holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub also_held_by: Option<Holder>,
}

/// A variable of a closure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Captured {
    pub variable: String,
    pub class: String,
    /// Of one instance.
    pub retained_bytes: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Connection {
    /// `server`: a peer connected to us; `client`: we connected; `agent`: through an HTTP agent.
    pub side: String,
    /// `socket`, `tls`, `http-request`, `http2`, `stream`, `process`, …
    pub what: String,
    /// The peer, as far as the heap knows it and it is not redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
    /// A request waits for its answer.
    pub unanswered: bool,
}

/// The most specific cause that holds, as listed: a closure in a listener list is a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    Listener,
    Timer,
    Connection,
    Closure,
    Collection,
    Other,
}

impl Cause {
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Listener => "listener",
            Cause::Timer => "timer",
            Cause::Connection => "connection",
            Cause::Closure => "closure",
            Cause::Collection => "collection",
            Cause::Other => "other",
        }
    }
}

/// The thing that everything hangs on: an array, a map, an emitter. `name` is the variable or property that names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    pub class: String,
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PathStep {
    pub edge: String,
    pub edge_type: String,
    pub class: String,
    pub id: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    pub function: String,
    pub script: String,
    pub line: u32,
    pub column: u32,
    /// Where a source map has led from: what V8 runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Generated {
    pub script: String,
    pub line: u32,
    pub column: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Companion {
    pub class: String,
    pub counts: Vec<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnnamedFunctions {
    /// Closures in the last snapshot that grow or that suspects hang on, of scripts that are not Node's.
    pub leaking_closures: u64,
    /// Those of them that have no name.
    pub unnamed: u64,
    pub locations: Vec<Location>,
    /// The same functions, each with the name that its place gives it.
    #[serde(default)]
    pub functions: Vec<UnnamedFunction>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnnamedFunction {
    /// `anonymous at server.js:12:5`.
    pub name: String,
    pub count: u64,
    /// The property or variable that holds one of them.
    pub held_as: Option<String>,
    pub location: Location,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Acquitted {
    pub class: String,
    pub counts: Vec<u64>,
    pub holder: Holder,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Large {
    pub class: String,
    pub count: u64,
    pub retained_bytes: u64,
    pub holder: Holder,
}
