//! What the forked child of a census does: it collects garbage, reads its copy of the heap's pages, and leaves the counts in a nameless file.

use super::board::{Board, Phase};
use super::passage::WriteError;
use super::reading::{check_sum, read_pages};
use crate::os::memory::own_private_peak_bytes;
use crate::os::{ChildFiles, Scratch, SharedPage, confine_child};
use crate::pages::{Census, Layout, check_counts, take_census};
use crate::v8::Isolate;
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// Everything that the child needs, made before the fork.
pub struct CensusOrders {
    pub layout: &'static Layout,
    pub output: Arc<Scratch>,
    /// Classes that are told one by one.
    pub max_classes: usize,
    /// Names of properties that may be contents are left out.
    pub redact: bool,
}

/// What the child hands back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    #[serde(flatten)]
    pub census: Census,
    /// What V8 says is in use, after the collection.
    pub heap_used_bytes: u64,
    pub collect_ms: f64,
    /// Finding the pages and going over them.
    pub walk_ms: f64,
}

pub fn count(
    isolate: Isolate,
    orders: &CensusOrders,
    files: &'static ChildFiles,
    board: &SharedPage<Board>,
) -> Result<(), WriteError> {
    board.enter(Phase::Confining);
    confine_child(files, board.address())?;
    isolate.quadruple_heap_limit_when_near();
    board.enter(Phase::Collecting);
    let began = Instant::now();
    // A collection is what tells the living from the dead: their marks are of no use between two of them.
    if !isolate.collect_all_garbage() {
        return Err(io::Error::from(io::ErrorKind::Unsupported).into());
    }
    let collect_ms = ms_since(began);
    let heap_used_bytes = isolate.heap_statistics().map_or(0, |heap| heap.used());
    board.enter(Phase::Counting);
    let began = Instant::now();
    let mut census = read_pages(isolate.address() as u64, |regions, found, _| {
        take_census(regions, orders.layout, &found.chunks, found.unused, orders.redact)
    })?;
    check_sum(census.total_bytes.saturating_add(census.unnamed_bytes), heap_used_bytes)?;
    check_counts(&census.classes).map_err(WriteError::Pages)?;
    census.shorten(orders.max_classes);
    let counts = Counts { census, heap_used_bytes, collect_ms, walk_ms: ms_since(began) };
    board.enter(Phase::Writing);
    let text = serde_json::to_vec(&counts).map_err(io::Error::from)?;
    orders.output.write(&text)?;
    board.set_result(text.len() as u64, counts.census.total_count);
    board.set_child_private(own_private_peak_bytes().unwrap_or(0));
    board.enter(Phase::Done);
    Ok(())
}

fn ms_since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}
