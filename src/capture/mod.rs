//! One heap snapshot, from the wish to the finished file.
//!
//! The app must not notice: the process is forked at a moment when V8's workers sleep, and the child alone generates, counts,
//! compresses, writes, and renames ([`child`]). Before the fork it is asked whether there is room for it ([`budget`]), and while the child works
//! whether there still is ([`watch`]). A thread of its own ([`pipeline`]) prepares the fork and waits for the child ([`forked`], [`quiet`]). Where a fork
//! cannot serve and the user has allowed it, V8 writes the snapshot in the process, and the same writer finishes it ([`inline`]).
//!
//! An attempt is in the journal, on disk, before anything is forked ([`attempt`], [`journal`]), and holds the directory's lock ([`directory`]): so a restart knows whether
//! the last one killed the app, and keeps back ([`breaker`]).
//!
//! Three snapshots of one growing heap are judged by a process of its own ([`analysis`]).
//!
//! Every way out either leaves the snapshot with its `.json` beside it, or a reason and no file.

mod analysis;
mod artifact;
mod attempt;
mod beside;
mod board;
mod breaker;
mod budget;
mod calibration;
mod census;
mod child;
mod choice;
mod claim;
mod columns;
mod counting;
mod counts_beside;
mod deliver;
mod directory;
mod errand;
mod failure;
mod forked;
mod format;
mod graph;
mod inline;
mod job;
mod journal;
mod passage;
mod pipeline;
mod quiet;
mod reading;
mod retention;
mod room;
mod shortage;
mod sidecar;
mod snapshot;
mod tidy;
mod watch;
mod writer;

pub use analysis::{Analysis, AnalystConfig, Case, Exhibit, Finding, NoVerdict};
pub use artifact::{Artifact, Naming};
pub use beside::moment_beside;
pub use budget::Budget;
pub use calibration::Experience;
pub use census::Counted;
pub use choice::unsupported as pages_unsupported;
pub use claim::Claim;
pub use counts_beside::counts_beside;
pub use deliver::{DeliverConfig, DeliverRequest, Delivery};
pub use errand::PauseParts;
pub use failure::Failure;
pub use forked::unsupported as fork_unsupported;
pub use format::Format;
pub use job::{Aim, Config, Engine, InlineRequest, Job, Mode, Say};
pub use journal::{End, History};
pub use pipeline::{Capture, Product, under_way};
pub use retention::Retention;
pub use sidecar::Circumstances;
pub use snapshot::proven as fork_proven;
pub use tidy::Tidying;
