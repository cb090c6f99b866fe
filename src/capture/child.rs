//! What the forked child does. It ends here: no frame of the parent's is ever returned to.

use super::artifact::Paths;
use super::attempt::ChildRecord;
use super::board::{Board, Phase};
use super::columns::write_columns;
use super::counting::{self, CensusOrders};
use super::format::Format;
use super::graph::{read_graph, write_text};
use super::job::Engine;
use super::passage::WriteError;
use super::sidecar::Circumstances;
use super::writer::{Ending, SnapshotWriter};
use crate::os::disk::create_private;
use crate::os::memory::own_private_peak_bytes;
use crate::os::{ChildFiles, ChildSetup, SharedPage, confine_child, end_child, end_child_early, enter_child};
use crate::pages::Layout;
use crate::redact::Salt;
use crate::v8::Isolate;
use std::convert::Infallible;
use std::io;
use std::time::SystemTime;

/// Everything that the child needs, made before the fork.
pub struct Orders {
    pub setup: ChildSetup,
    pub task: Task,
}

/// What it is to do.
pub enum Task {
    Snapshot(Box<SnapshotOrders>),
    Census(CensusOrders),
}

pub struct SnapshotOrders {
    pub paths: Paths,
    pub circumstances: Circumstances,
    pub zstd_level: i32,
    /// `None` for a snapshot with the contents of strings in it.
    pub redaction: Option<Salt>,
    pub record: ChildRecord,
    /// Where the heap's pages are read, how they are laid out; else V8's generator is at work.
    pub pages: Option<&'static Layout>,
    /// `Lhgraph` only with pages.
    pub format: Format,
}

/// The board has the result or the error; the exit code only says which.
pub fn run(isolate: Isolate, orders: &Orders, board: &SharedPage<Board>) -> Infallible {
    board.enter(Phase::Starting);
    let files = enter_child(&orders.setup);
    let done = match &orders.task {
        Task::Snapshot(orders) => capture(isolate, orders, files, board),
        Task::Census(orders) => counting::count(isolate, orders, files, board),
    };
    match done {
        Ok(()) => end_child(0),
        Err(error) => {
            match error {
                WriteError::Io(error) => board.fail(&error),
                WriteError::Redaction(error) => board.fail_to_redact(&error.to_string()),
                WriteError::Pages(why) => board.fail_to_read(&why),
                WriteError::Sum(why) => board.fail_to_add_up(&why),
            }
            end_child_early(1)
        }
    }
}

fn by_v8<'a>(isolate: Isolate, writer: SnapshotWriter<'a>) -> io::Result<SnapshotWriter<'a>> {
    isolate.take_snapshot(writer).ok_or_else(|| io::ErrorKind::Unsupported.into())
}

fn capture(
    isolate: Isolate,
    orders: &SnapshotOrders,
    files: &'static ChildFiles,
    board: &SharedPage<Board>,
) -> Result<(), WriteError> {
    let taken_at = SystemTime::now();
    let engine = if orders.pages.is_some() { Engine::Pages } else { Engine::V8 };
    let heap = isolate.heap_statistics();
    let sidecar = create_private(&orders.paths.sidecar_partial)?;
    let snapshot = create_private(&orders.paths.snapshot_partial)?;
    // Its figures are nobody's: those that are told are of the other one.
    let apart = Board::default();
    let beside = match &orders.paths.v8 {
        Some(v8) => {
            let file = create_private(&v8.partial)?;
            Some(SnapshotWriter::new(file, orders.zstd_level, orders.redaction.clone(), &apart)?)
        }
        None => None,
    };
    board.enter(Phase::Confining);
    confine_child(files, board.address())?;
    isolate.quadruple_heap_limit_when_near();
    board.enter(Phase::Generating);
    let ending = Ending {
        files,
        dir: orders.paths.dir(),
        snapshot_name: orders.paths.snapshot_name(),
        sidecar,
        circumstances: &orders.circumstances,
        mode: "fork",
        engine,
        format: orders.format,
        heap,
        taken_at,
    };
    let (level, redaction) = (orders.zstd_level, orders.redaction.clone());
    // When what was wished for is written, and before it is published.
    let write_beside = || -> Result<(), WriteError> {
        if let Some(writer) = beside {
            board.enter(Phase::Generating);
            // Without a redaction a text that is not understood is written as it is, uncounted.
            let (_counted, file) = by_v8(isolate, writer)?.close()?;
            file.sync_all()?;
        }
        // A child's structures are never freed, so what it has at the end is its largest size.
        board.set_child_private(own_private_peak_bytes().unwrap_or(0));
        Ok(())
    };
    match (orders.pages, orders.format) {
        (Some(layout), Format::Lhgraph) => {
            let graph = read_graph(isolate, layout, board)?;
            let redacted = redaction.is_some();
            let (file, classes) = write_columns(&graph, snapshot, level, redaction, taken_at, board)?;
            drop(graph);
            write_beside()?;
            board.enter(Phase::Finishing);
            ending.publish(file, Ok(classes), redacted, board)?;
        }
        (pages, _) => {
            let writer = SnapshotWriter::new(snapshot, level, redaction, board)?;
            let writer = match pages {
                Some(layout) => write_text(&read_graph(isolate, layout, board)?, writer),
                None => by_v8(isolate, writer)?,
            };
            write_beside()?;
            writer.finish(ending)?;
        }
    }
    orders.record.written(orders.paths.snapshot_name(), engine, heap.map(|heap| heap.used()), board);
    Ok(())
}
