//! What the forked child does. It ends here: no frame of the parent's is ever returned to.

use super::artifact::Paths;
use super::board::{Board, Phase};
use super::sidecar::Circumstances;
use super::writer::{Ending, SnapshotWriter};
use crate::os::{ChildSetup, end_child, enter_child};
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
    let output = enter_child(&orders.setup);
    let heap = isolate.heap_statistics();
    isolate.quadruple_heap_limit_when_near();
    board.enter(Phase::Generating);
    let done = SnapshotWriter::new(output, orders.zstd_level, board).and_then(|writer| {
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
            end_child(1)
        }
    }
}
