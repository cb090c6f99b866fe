//! What is written is read back, whatever the graph is.

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::super::random::heaps;
use super::super::reading_tests::told;
use super::super::{Attachment, EdgeType, Graph, GraphBuilder, NodeIdx, NodeType, SnapshotError, read_file};
use super::*;

pub fn written(graph: &Graph) -> Vec<u8> {
    write_graph(graph, &Header { writer: "a test".to_owned(), ..Header::default() }, 1, Vec::new()).unwrap()
}

pub fn read_bytes(bytes: &[u8]) -> Result<Graph, SnapshotError> {
    read(bytes, bytes.len() as u64, &mut |_| ControlFlow::Continue(()))
}

/// More blocks than one of each section, and one that holds part of a string.
pub fn large() -> Graph {
    let mut heap = GraphBuilder::new();
    let mut last = heap.root();
    for row in 0..150_000u32 {
        let name = ["A", "B", "\u{1f600}"][row as usize % 3].repeat(1 + row as usize / 30_000);
        let node = heap.node(ALL_KINDS_BUT[row as usize % 3], &name, u64::from(row) << (row % 40));
        heap.edge(last, EdgeType::Property, ["next", "previous"][row as usize % 2], node);
        heap.edge(heap.root(), EdgeType::Element, row, node);
        if row % 7 == 0 {
            heap.location(node, row % 5, row, row / 3);
            heap.attach(node, if row % 2 == 0 { Attachment::Attached } else { Attachment::Detached });
        }
        last = node;
    }
    for row in 0..140_000 {
        let text = heap.node(NodeType::String, &format!("text {row}"), 24);
        heap.location(text, row, 1, 2);
    }
    heap.node(NodeType::String, &"\u{e9}\u{65e5}\u{1f600}x".repeat(400_000), 24);
    heap.build()
}

const ALL_KINDS_BUT: [NodeType; 3] = [NodeType::Object, NodeType::Closure, NodeType::Native];

proptest! {
    #[test]
    fn what_is_written_is_read_back(graph in heaps(30, 80), attached in prop::collection::vec(any::<Option<bool>>(), 31)) {
        let mut graph = graph;
        let states = graph.nodes().zip(attached).filter_map(|(node, attached)| Some((node, attached?)));
        graph.attachments =
            states.map(|(node, is)| (node, if is { Attachment::Attached } else { Attachment::Detached })).collect();
        let read = read_bytes(&written(&graph)).unwrap();
        prop_assert_eq!(told(&read), told(&graph));
        // And once more: what is read is no other graph than what was built.
        prop_assert_eq!(written(&read), written(&graph));
    }
}

#[test]
fn a_graph_of_many_blocks_is_read_by_threads_as_it_is() {
    let graph = large();
    let bytes = written(&graph);
    assert!(bytes.len() as u64 > 1 << 17, "{} bytes, too few to be shared", bytes.len());
    let whole = told(&graph);
    assert!(told(&read_bytes(&bytes).unwrap()) == whole);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("snapshot");
    std::fs::write(&path, &bytes).unwrap();
    let mut seen = Vec::new();
    let read = read_file(&path, &mut |progress| {
        seen.push(progress.bytes_done);
        ControlFlow::Continue(())
    });
    assert!(told(&read.unwrap()) == whole);
    assert!(seen.is_sorted() && *seen.last().unwrap() == bytes.len() as u64, "{seen:?}");
    let stopped = read_file(&path, &mut |progress| {
        if progress.bytes_done > 1000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(SnapshotError::Cancelled { .. })));
}

/// Millions of objects that are all alike, which shrink to nearly nothing.
#[test]
fn no_graph_is_written_that_would_be_taken_for_a_bomb() {
    let mut heap = crate::heap::GroupedBuilder::new();
    let name = heap.text("A");
    const NODES: u32 = 4_000_000;
    for row in 0..NODES {
        heap.node(NodeType::Object, name, u64::from(row), 16);
    }
    let graph = heap.finish();
    let bytes = written(&graph);
    let read = read_bytes(&bytes).unwrap();
    assert_eq!((read.node_count(), read.id(NodeIdx(NODES - 1))), (NODES as usize, u64::from(NODES - 1)));
}

#[test]
fn a_header_says_what_it_was_given() {
    let about = Header {
        redacted: true,
        taken_at_ms: 1_764_500_000_123,
        writer: "leakhunt 0.1.0".to_owned(),
        ..Header::default()
    };
    let bytes = write_graph(&GraphBuilder::new().build(), &about, 1, Vec::new()).unwrap();
    let Ok((read, _)) = Header::read(&bytes) else { panic!("it is one") };
    assert_eq!(read, Header { nodes: 1, strings: 1, ..about });
    let long = Header { writer: "\u{e9}".repeat(200), ..Header::default() };
    let bytes = write_graph(&GraphBuilder::new().build(), &long, 1, Vec::new()).unwrap();
    let Ok((read, _)) = Header::read(&bytes) else { panic!("it is one") };
    assert_eq!(read.writer, "\u{e9}".repeat(128));
}
