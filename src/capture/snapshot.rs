//! The errand of a snapshot: the child makes it, with V8's generator or from the heap's pages, redacts and compresses it, and writes its `.json` beside it.

use super::artifact::{Artifact, Partial, Paths};
use super::attempt::ChildRecord;
use super::board::{Board, Phase};
use super::budget::Budget;
use super::calibration::Work;
use super::child::{SnapshotOrders, Task};
use super::errand::{Errand, Flight};
use super::failure::Failure;
use super::format::Format;
use super::job::{Engine, Job};
use super::reading::layout;
use super::sidecar::Circumstances;
use crate::os::ChildFiles;
use crate::pages::Layout;
use crate::redact::Salt;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set when a forked capture of this process has been written.
static PROVEN: AtomicBool = AtomicBool::new(false);

/// Whether a forked capture has worked in this process.
pub fn proven() -> bool {
    PROVEN.load(Ordering::Relaxed)
}

pub struct Snapshot<'a> {
    job: &'a Job,
    engine: Engine,
    format: Format,
    /// For a snapshot without V8's generator.
    layout: Option<&'static Layout>,
}

impl<'a> Snapshot<'a> {
    /// By an engine that was chosen ([`super::choice`]).
    pub fn new(job: &'a Job, engine: Engine) -> Result<Self, Failure> {
        let layout = if engine == Engine::V8 { None } else { Some(layout()?) };
        // V8's generator gives a text.
        let format = if engine == Engine::V8 { Format::Heapsnapshot } else { job.config.format };
        Ok(Self { job, engine, format, layout })
    }
}

/// Where one fork writes to. Unfinished files go with it.
pub struct Files(Paths);

impl Files {
    fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        drop(Partial(&self.0));
    }
}

impl Errand for Snapshot<'_> {
    type Product = Artifact;
    type Provision = Files;

    fn work(&self) -> Work {
        self.engine.work()
    }

    fn provide(&self) -> Result<Files, Failure> {
        let paths = self.job.naming.next(self.format);
        Ok(Files(if self.job.beside_v8 { paths.beside_v8() } else { paths }))
    }

    fn files(&self, files: &Files) -> ChildFiles {
        files.0.for_child()
    }

    fn task(&self, files: &Files, budget: &Budget, record: ChildRecord) -> Task {
        let job = self.job;
        Task::Snapshot(Box::new(SnapshotOrders {
            paths: files.0.clone(),
            circumstances: Circumstances { predicted_bytes: budget.expected().memory, ..job.circumstances.clone() },
            zstd_level: job.config.zstd_level,
            redaction: job.redact.then(Salt::of_process),
            record,
            pages: self.layout,
            format: self.format,
        }))
    }

    /// All files have their names.
    fn is_done(&self, files: &Files, board: &Board) -> bool {
        match board.phase() {
            Phase::Done => true,
            Phase::Finishing => files.0.snapshot.exists(),
            _ => false,
        }
    }

    fn leave(&self, files: Files) {
        files.keep();
    }

    fn collect(&self, files: Files, flight: &Flight<'_>) -> Result<Artifact, Failure> {
        let Flight { board, budget, exit, .. } = flight;
        let paths = files.0.clone();
        files.keep();
        PROVEN.store(true, Ordering::Relaxed);
        // Two engines in one child say nothing of either.
        if !self.job.beside_v8 {
            budget.learn(board);
        }
        Ok(Artifact {
            path: paths.snapshot,
            sidecar: paths.sidecar,
            v8: paths.v8.map(|v8| v8.file),
            mode: "fork",
            engine: self.engine,
            format: self.format,
            redacted: self.job.redact,
            pause_ms: flight.pause.as_secs_f64() * 1e3,
            pause_parts: Some(flight.pause_parts),
            left_out_bytes: flight.left_out_bytes,
            duration_ms: 0.0,
            bytes: board.bytes(),
            raw_bytes: board.raw_bytes(),
            nodes: board.nodes(),
            attempts: flight.attempts,
            visits: flight.visits,
            child_peak_resident_bytes: exit.peak_resident_bytes,
            child_private_bytes: board.child_private_bytes(),
            predicted_bytes: budget.expected().memory,
            heap_used_bytes: budget.expected().heap_used,
            journalled: board.is_journalled(),
        })
    }
}
