//! The errand of a census: the child counts the objects on its copy of the heap's pages. Nothing of it is on disk.

use super::attempt::ChildRecord;
use super::board::{Board, Phase};
use super::budget::Budget;
use super::calibration::Work;
use super::child::Task;
use super::choice::unsupported;
use super::counting::{CensusOrders, Counts};
use super::errand::{Errand, Flight, PauseParts};
use super::failure::Failure;
use super::reading::layout;
use crate::os::{ChildFiles, Scratch};
use crate::pages::Layout;
use std::os::fd::RawFd;
use std::sync::Arc;

/// A census of a heap with a hundred thousand functions is a tenth of that.
const LARGEST: u64 = 256 << 20;

/// A finished census.
#[derive(Debug)]
pub struct Counted {
    pub counts: Counts,
    /// How long the app's thread stood still, measured there.
    pub pause_ms: f64,
    pub pause_parts: PauseParts,
    /// From the wish to the counts.
    pub duration_ms: f64,
    /// Forks made; 1 unless one was made in vain.
    pub attempts: u32,
    /// Times that the isolate's thread was visited for a fork.
    pub visits: u32,
    /// The child's own memory at its highest, what it shares with the app left out; 0 where that is not known.
    pub child_private_bytes: u64,
    /// What it had been expected to be.
    pub predicted_bytes: u64,
    pub left_out_bytes: u64,
}

pub struct CensusErrand {
    layout: &'static Layout,
    max_classes: usize,
    redact: bool,
}

impl CensusErrand {
    pub fn new(max_classes: usize, redact: bool) -> Result<Self, Failure> {
        if let Some(why) = unsupported() {
            return Err(Failure::Pages(why));
        }
        Ok(Self { layout: layout()?, max_classes, redact })
    }
}

impl Errand for CensusErrand {
    type Product = Counted;
    type Provision = Arc<Scratch>;

    fn work(&self) -> Work {
        Work::Census
    }

    fn provide(&self) -> Result<Arc<Scratch>, Failure> {
        let scratch = Scratch::new().map_err(|error| Failure::unprepared("a file in memory for the census", error))?;
        Ok(Arc::new(scratch))
    }

    fn files(&self, _: &Arc<Scratch>) -> ChildFiles {
        ChildFiles { unfinished: Vec::new(), finished: Vec::new() }
    }

    fn descriptors(&self, output: &Arc<Scratch>) -> Vec<RawFd> {
        vec![output.descriptor()]
    }

    fn task(&self, output: &Arc<Scratch>, _: &Budget, _: ChildRecord) -> Task {
        Task::Census(CensusOrders {
            layout: self.layout,
            output: Arc::clone(output),
            max_classes: self.max_classes,
            redact: self.redact,
        })
    }

    fn is_done(&self, _: &Arc<Scratch>, board: &Board) -> bool {
        board.phase() == Phase::Done
    }

    fn leave(&self, _: Arc<Scratch>) {}

    fn collect(&self, output: Arc<Scratch>, flight: &Flight<'_>) -> Result<Counted, Failure> {
        let unread = |how: String| Failure::Child { how: format!("left a census that {how}"), phase: "done" };
        let text = output.read(LARGEST).map_err(|error| unread(format!("cannot be read ({error})")))?;
        flight.budget.learn(flight.board);
        let counts = serde_json::from_slice(&text).map_err(|error| unread(format!("is not whole ({error})")))?;
        Ok(Counted {
            counts,
            pause_ms: flight.pause.as_secs_f64() * 1e3,
            pause_parts: flight.pause_parts,
            duration_ms: 0.0,
            attempts: flight.attempts,
            visits: flight.visits,
            child_private_bytes: flight.board.child_private_bytes(),
            predicted_bytes: flight.budget.expected().memory,
            left_out_bytes: flight.left_out_bytes,
        })
    }
}
