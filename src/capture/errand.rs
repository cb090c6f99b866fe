//! What a child is forked for. Everything around it is the same for each: the budget, the quiet moment, the watch, another try.

use super::attempt::ChildRecord;
use super::board::Board;
use super::budget::Budget;
use super::calibration::Work;
use super::child::Task;
use super::failure::Failure;
use crate::os::{ChildFiles, Exit, ForkParts, SharedPage};
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Duration;

/// A snapshot, or a census.
pub trait Errand {
    type Product;
    /// What one fork is given, and what it leaves behind in vain: dropping it tidies up.
    type Provision;

    /// By what its needs are judged.
    fn work(&self) -> Work;

    /// Before each fork.
    fn provide(&self) -> Result<Self::Provision, Failure>;

    /// The files that the child may give names to and remove.
    fn files(&self, provision: &Self::Provision) -> ChildFiles;

    /// Descriptors that stay open in the child, beside those of the journal.
    fn descriptors(&self, _provision: &Self::Provision) -> Vec<RawFd> {
        Vec::new()
    }

    fn task(&self, provision: &Self::Provision, budget: &Budget, record: ChildRecord) -> Task;

    /// Whether the child has done its work, even if it was ended before it could say so.
    fn is_done(&self, provision: &Self::Provision, board: &Board) -> bool;

    /// The process ends, and the child goes on alone.
    fn leave(&self, provision: Self::Provision);

    /// The child has done its work and is gone.
    fn collect(&self, provision: Self::Provision, flight: &Flight<'_>) -> Result<Self::Product, Failure>;
}

/// How the work of a child went.
pub struct Flight<'a> {
    pub board: &'a Arc<SharedPage<Board>>,
    pub budget: &'a Budget,
    pub exit: Exit,
    /// How long the app's thread stood still.
    pub pause: Duration,
    pub pause_parts: PauseParts,
    /// Large blocks of malloc, which the fork did not copy.
    pub left_out_bytes: u64,
    /// Forks made, this one included.
    pub attempts: u32,
    /// Times that the isolate's thread was visited for a fork.
    pub visits: u32,
}

/// The parts of a stop, in the order in which they happen.
#[derive(Clone, Copy, Debug)]
pub struct PauseParts {
    /// Looking whether V8's workers still sleep.
    pub check: Duration,
    pub fork: ForkParts,
}
