//! What the forked child does. It ends here: no frame of the parent's is ever returned to.

use super::artifact::Paths;
use super::board::{Board, Phase};
use super::sidecar::Circumstances;
use super::writer::{Ending, SnapshotWriter};
use crate::os::disk::create_private;
use crate::os::{ChildSetup, end_child, end_child_early, enter_child};
use crate::v8::Isolate;
use std::convert::Infallible;
use std::io;
use std::time::SystemTime;

/// Everything that the child needs, made before the fork.
pub struct Orders {
    pub setup: ChildSetup,
    pub paths: Paths,
    pub circumstances: Circumstances,
    pub zstd_level: i32,
}

/// The board has the result or the error; the exit code only says which.
pub fn run(isolate: Isolate, orders: &Orders, board: &Board) -> Infallible {
    enter_child(&orders.setup);
    let heap = isolate.heap_statistics();
    isolate.quadruple_heap_limit_when_near();
    let done = create_private(&orders.paths.snapshot_partial).and_then(|output| {
        let writer = SnapshotWriter::new(output, orders.zstd_level, board)?;
        board.enter(Phase::Generating);
        let (writer, _whole) =
            isolate.take_snapshot(writer).ok_or_else(|| io::Error::from(io::ErrorKind::Unsupported))?;
        writer.finish(Ending {
            paths: &orders.paths,
            circumstances: &orders.circumstances,
            mode: "fork",
            heap,
            taken_at: SystemTime::now(),
        })
    });
    match done {
        Ok(()) => end_child(0),
        Err(error) => {
            board.fail(&error);
            end_child_early(1)
        }
    }
}
