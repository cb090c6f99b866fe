//! Hostile input on the stable toolchain: the kept corpus and a short random run through the targets of cargo-fuzz, what a small
//! file may cost in memory, and how time grows with a file.

use std::sync::{Mutex, MutexGuard, PoisonError};

mod corpus;
#[path = "../entries.rs"]
mod entries;
mod memory;
mod odd;
mod time;

/// Tells what the process holds at most. Only in tests: it counts every allocation.
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// One test at a time: what is measured is the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The text of a snapshot of objects and nothing else, with these rows for nodes, edges and strings.
fn snapshot(nodes: &str, edges: &str, strings: &str) -> String {
    format!(
        r#"{{"snapshot":{{"meta":{{"node_fields":["type","name","id","self_size","edge_count"],
"node_types":[["object"],"string","number","number","number"],"edge_fields":["type","name_or_index","to_node"],
"edge_types":[["element","property","weak"],"string_or_number","node"]}}}},"nodes":[{nodes}],"edges":[{edges}],"strings":[{strings}]}}"#
    )
}
