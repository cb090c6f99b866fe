//! By what a few nodes are held, told from one pass over all edges: a tenth of what [`Retainers`](super::retainers::Retainers) of the
//! whole heap cost, for questions about strings and buffers of which there are few.

use rustc_hash::FxHashMap;

use super::essential::BitSet;
use super::graph::{EdgeName, Graph};
use super::kinds::{EdgeType, NodeType};
use super::units::NodeIdx;

/// The edges that hold a node. Weak ones, and those of V8's own tables of strings, hold nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldBy {
    pub edges: u64,
    /// Those of strings that are slices of it.
    pub slices: u64,
    /// One is a script's, whose text it is.
    pub script: bool,
    /// One is the variable in which Node keeps the memory that it cuts small Buffers from.
    pub pool: bool,
}

/// For each of `wanted` what holds it; one that nothing holds is left out.
pub fn held_by(graph: &Graph, wanted: impl IntoIterator<Item = NodeIdx>) -> FxHashMap<NodeIdx, HeldBy> {
    let mut asked = BitSet::new(graph.node_count());
    let mut any = false;
    for node in wanted {
        asked.add(node.row());
        any = true;
    }
    let mut found: FxHashMap<NodeIdx, HeldBy> = FxHashMap::default();
    if !any {
        return found;
    }
    for from in graph.nodes() {
        for link in graph.links(from).filter(|link| asked.has(link.to.row())) {
            let holds = match link.kind {
                EdgeType::Weak => false,
                EdgeType::Shortcut => from == graph.root(),
                _ => from != link.to && !is_string_table(graph, from),
            };
            if !holds {
                continue;
            }
            let held = found.entry(link.to).or_default();
            held.edges += 1;
            held.slices += u64::from(graph.node_type(from) == NodeType::SlicedString);
            let is = |name| graph.edge(link.index).name == EdgeName::Name(name);
            held.script |= graph.node_type(from) == NodeType::Code && is("source");
            held.pool |= link.kind == EdgeType::Context && is("allocPool");
        }
    }
    found
}

fn is_string_table(graph: &Graph, node: NodeIdx) -> bool {
    graph.node_type(node) == NodeType::Synthetic
        && matches!(graph.name(node), "(Internalized strings)" | "(External strings)")
}

#[cfg(test)]
mod tests {
    use super::super::GraphBuilder;
    use super::*;

    #[test]
    fn each_sort_of_holder_is_told_and_what_holds_nothing_is_not() {
        let mut heap = GraphBuilder::new();
        let root = heap.root();
        let [text, source, buffer, lonely] =
            ["text", "source", "buffer", "lonely"].map(|name| heap.node(NodeType::String, name, 8));
        let slices = [0, 1].map(|_| heap.node(NodeType::SlicedString, "(sliced string)", 32));
        let script = heap.node(NodeType::Code, "/app/a.js", 8);
        let table = heap.node(NodeType::Synthetic, "(External strings)", 0);
        let scope = heap.node(NodeType::Object, "system / Context", 8);
        for slice in slices {
            heap.edge(slice, EdgeType::Internal, "parent", text);
        }
        heap.edge(table, EdgeType::Internal, "7", text);
        heap.edge(scope, EdgeType::Weak, "seen", text);
        heap.edge(scope, EdgeType::Shortcut, "near", text);
        heap.edge(text, EdgeType::Internal, "self", text);
        heap.edge(script, EdgeType::Internal, "source", source);
        heap.edge(scope, EdgeType::Context, "source", source);
        heap.edge(scope, EdgeType::Context, "allocPool", buffer);
        heap.edge(root, EdgeType::Shortcut, "allocPool", buffer);
        let graph = heap.build();
        let found = held_by(&graph, [text, source, buffer, lonely]);
        let plain = HeldBy::default();
        assert_eq!(found[&text], HeldBy { edges: 2, slices: 2, ..plain });
        assert_eq!(found[&source], HeldBy { edges: 2, script: true, ..plain });
        assert_eq!(found[&buffer], HeldBy { edges: 2, pool: true, ..plain });
        assert_eq!(found.get(&lonely), None);
        assert!(held_by(&graph, []).is_empty());
    }
}
