//! A snapshot in a forked child as a `.lhgraph`: the graph's columns go to the file as they are, and no text is made of them.

use super::board::{Board, Phase};
use super::passage::WriteError;
use crate::heap::lhgraph::{GraphWriter, Header};
use crate::heap::{ClassCounter, Graph, SnapshotSink};
use crate::redact::{Salt, redacted_strings};
use std::fs::File;
use std::io::{BufWriter, IntoInnerError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes `graph` to `file`, with a salt without the contents of its strings. Gives the file, and the classes as they are named in it.
pub fn write_columns(
    graph: &Graph,
    file: File,
    level: i32,
    redaction: Option<Salt>,
    taken_at: SystemTime,
    board: &Board,
) -> Result<(File, ClassCounter), WriteError> {
    board.enter(Phase::Writing);
    let about = Header {
        redacted: redaction.is_some(),
        taken_at_ms: taken_at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64),
        writer: format!("leakhunt {}", env!("CARGO_PKG_VERSION")),
        ..Header::default()
    };
    let mut writer = GraphWriter::new(BufWriter::new(file), graph, &about, level)?;
    writer.rows(graph)?;
    let classes = match redaction {
        Some(salt) => redacted_strings(graph, salt, |text| writer.string(text))?,
        None => {
            let mut counter = ClassCounter::new();
            graph.tell_rows(&mut counter);
            for (number, text) in graph.strings() {
                counter.string(number, text);
                writer.string(text)?;
            }
            counter
        }
    };
    board.add_raw(writer.unfolded() as usize);
    let file = writer.finish()?.into_inner().map_err(IntoInnerError::into_error)?;
    Ok((file, classes))
}
