//! A snapshot in a forked child without V8's generator: the heap's graph from its own pages, and its text as V8 writes one.

use super::board::{Board, Phase};
use super::passage::WriteError;
use super::reading::{check_sum, read_pages};
use super::writer::SnapshotWriter;
use crate::heap::{Graph, write_snapshot};
use crate::pages::{Layout, build_graph, check_graph};
use crate::v8::{Isolate, SnapshotOutput};
use std::io::{self, BufWriter, Write};

/// As V8's chunks.
const CHUNK: usize = 1 << 16;

/// Collects garbage and builds the graph.
pub fn read_graph(isolate: Isolate, layout: &Layout, board: &Board) -> Result<Graph, WriteError> {
    board.enter(Phase::Collecting);
    // Only a collection tells the living from the dead; V8's generator begins with one as well.
    if !isolate.collect_all_garbage() {
        return Err(io::Error::from(io::ErrorKind::Unsupported).into());
    }
    board.enter(Phase::Generating);
    let built = read_pages(isolate.address() as u64, |regions, found, outside| {
        build_graph(regions, layout, &found.chunks, found.unused, outside)
    })?;
    let used = isolate.heap_statistics().map_or(0, |heap| heap.used());
    check_sum(built.walked.objects.saturating_add(built.walked.unnamed), used)?;
    check_graph(&built.graph).map_err(WriteError::Pages)?;
    Ok(built.graph)
}

/// Writes the graph's text to `writer`, which redacts it as it does V8's.
pub fn write_text<'a>(graph: &Graph, writer: SnapshotWriter<'a>) -> SnapshotWriter<'a> {
    let mut text = BufWriter::with_capacity(CHUNK, Text(writer));
    // An error that the writer had is its own to tell, at the end.
    let _ = write_snapshot(graph, &mut text).and_then(|()| text.flush());
    let (Text(writer), _) = text.into_parts();
    writer
}

/// The writer, as one takes text.
struct Text<'a>(SnapshotWriter<'a>);

impl Write for Text<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.write(bytes) { Ok(bytes.len()) } else { Err(io::ErrorKind::Other.into()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
