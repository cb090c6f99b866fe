//! Random heaps for the tests of this folder: small, so that brute force is quick, and dense enough in weak edges, shortcuts, storage and rings.

use proptest::prelude::*;
use proptest::sample::Index;

use super::classes::ALL_KINDS;
use super::*;

/// Names that mean something to the code under test, names that need escapes, and plain ones.
const NAMES: [&str; 12] = [
    "",
    "A",
    "B",
    "C\"\\\n\u{1}",
    "größe 日本 😀",
    "<div id=\"x\">",
    "Detached <div>",
    "__proto__",
    "(Stack roots)",
    "system / Context",
    "elements",
    "3 / part of key (A @5) -> value (B @7) pair in WeakMap (table @3)",
];

type Node = (Index, Index, u64, Option<(u32, u32, u32)>);
type Edge = (Index, Index, Index, u32, Index);

/// Any heap of up to that many nodes and edges.
pub fn heaps(nodes: usize, edges: usize) -> impl Strategy<Value = Graph> {
    let size = prop_oneof![Just(0u64), 1u64..100, Just(u64::from(u32::MAX)), Just(1 << 40)];
    let place = proptest::option::weighted(0.2, (0u32..4, 0u32..9, any::<u32>()));
    let node = (any::<Index>(), any::<Index>(), size, place);
    let edge = (any::<Index>(), any::<Index>(), any::<Index>(), prop_oneof![0u32..9, any::<u32>()], any::<Index>());
    (proptest::collection::vec(node, 0..=nodes), proptest::collection::vec(edge, 0..=edges)).prop_map(built)
}

fn built((nodes, edges): (Vec<Node>, Vec<Edge>)) -> Graph {
    let mut heap = GraphBuilder::new();
    for (kind, name, size, place) in &nodes {
        // Half of the nodes are objects, as in any heap.
        let kind = ALL_KINDS.get(kind.index(2 * ALL_KINDS.len())).copied().unwrap_or(NodeType::Object);
        let name = NAMES[name.index(NAMES.len())];
        let node = heap.node(kind, name, *size);
        if let Some((script, line, column)) = place {
            heap.location(node, *script, *line, *column);
        }
    }
    for (from, kind, name, number, to) in &edges {
        let kind = EdgeType::ALL[kind.index(EdgeType::ALL.len())];
        let [from, to] = [from, to].map(|end| NodeIdx(end.index(nodes.len() + 1) as u32));
        match kind.has_text_name() {
            true => heap.edge(from, kind, *name.get(&NAMES[..]), to),
            false => heap.edge(from, kind, *number, to),
        }
    }
    heap.build()
}
