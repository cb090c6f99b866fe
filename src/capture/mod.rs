//! One heap snapshot, from the wish to the finished file.
//!
//! The app must not notice: the process is forked at a moment when V8's workers sleep, and the child alone generates, counts,
//! compresses, writes, and renames ([`child`]). Before the fork it is asked whether there is room for it ([`budget`]), and while the child works
//! whether there still is ([`watch`]). A thread of its own ([`pipeline`]) prepares the fork and waits for the child ([`forked`], [`quiet`]). Where a fork
//! cannot serve and the user has allowed it, V8 writes the snapshot in the process, and the same writer finishes it ([`inline`]).
//!
//! Every way out either leaves the snapshot with its `.json` beside it, or a reason and no file.

mod artifact;
mod board;
mod budget;
mod calibration;
mod child;
mod failure;
mod forked;
mod inline;
mod job;
mod passage;
mod pipeline;
mod quiet;
mod room;
mod shortage;
mod sidecar;
mod watch;
mod writer;

pub use artifact::{Artifact, Naming, PauseParts};
pub use calibration::Calibration;
pub use failure::Failure;
pub use forked::{proven as fork_proven, unsupported as fork_unsupported};
pub use job::{Config, InlineRequest, Job, Mode};
pub use pipeline::Capture;
pub use sidecar::Circumstances;
