//! Shallow sizes as DevTools shows them.
//!
//! V8 keeps a `Map`'s table, an array's elements or an object's extra properties in separate objects that no program can
//! name. DevTools adds the size of such an object to the one thing that owns it and shows it as empty; retained sizes of
//! owners are the same either way. [`Graph::self_size`] is V8's own figure; this is the other one.

use super::graph::Graph;
use super::kinds::{EdgeType, NodeType};
use super::units::{Bytes, NodeIdx};

/// Every node's size together with what it alone owns.
#[derive(Clone, Debug)]
pub struct ShallowSizes(Vec<u64>);

/// Nobody was found to own the node.
const NOBODY: u32 = u32::MAX;
/// More than one owner, so none.
const SEVERAL: u32 = u32::MAX - 1;

impl ShallowSizes {
    pub fn compute(graph: &Graph) -> ShallowSizes {
        let mut sizes: Vec<u64> = graph.nodes().map(|node| graph.self_size(node).0).collect();
        for (node, owner) in graph.nodes().zip(owners(graph)) {
            // The size of roots and other synthetic nodes is no use to anyone.
            if owner >= SEVERAL || owner == node.0 || graph.node_type(NodeIdx(owner)) == NodeType::Synthetic {
                continue;
            }
            let size = std::mem::take(&mut sizes[node.row()]);
            sizes[owner as usize] = sizes[owner as usize].saturating_add(size);
        }
        ShallowSizes(sizes)
    }

    pub fn of(&self, node: NodeIdx) -> Bytes {
        Bytes(self.0[node.row()])
    }
}

/// For each node the one from which alone it is reached through storage; nameable things own themselves.
fn owners(graph: &Graph) -> Vec<u32> {
    let is_storage = |node: NodeIdx| match graph.node_type(node) {
        NodeType::Hidden | NodeType::Array => true,
        NodeType::Native => graph.name(node) == "system / ExternalStringData",
        _ => false,
    };
    // A snapshot with V8's internals exposed has no global objects at its root: there, storage is what one came to see.
    let no_globals = graph
        .edges(graph.root())
        .all(|edge| graph.node_type(edge.to) == NodeType::Synthetic && graph.name(edge.to) != "(Document DOM trees)");
    if no_globals {
        return graph.nodes().map(|node| node.0).collect();
    }
    let mut owners: Vec<u32> = graph.nodes().map(|node| if is_storage(node) { NOBODY } else { node.0 }).collect();
    let mut open: Vec<u32> = owners.iter().copied().filter(|owner| *owner != NOBODY).collect();
    // Ends: a node is opened once when its first owner is found and once more when there turn out to be several.
    while let Some(node) = open.pop() {
        let owner = owners[node as usize];
        for edge in graph.edges(NodeIdx(node)).filter(|edge| edge.kind != EdgeType::Weak) {
            let known = &mut owners[edge.to.row()];
            let new = match *known {
                NOBODY => owner,
                known if known == edge.to.0 || known == owner || known == SEVERAL => continue,
                _ => SEVERAL,
            };
            *known = new;
            open.push(edge.to.0);
        }
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::super::GraphBuilder;
    use super::*;

    #[test]
    fn storage_counts_with_its_only_owner() {
        let mut heap = GraphBuilder::new();
        let root = heap.root();
        let global = heap.node(NodeType::Object, "global", 1);
        let [map, other] = ["Map", "Other"].map(|name| heap.node(NodeType::Object, name, 10));
        let [table, more, shared] = [100, 1000, 10_000].map(|size| heap.node(NodeType::Array, "", size));
        let value = heap.node(NodeType::String, "text", 100_000);
        heap.edge(root, EdgeType::Shortcut, "global", global);
        heap.edge(global, EdgeType::Property, "map", map);
        heap.edge(global, EdgeType::Property, "other", other);
        heap.edge(map, EdgeType::Internal, "table", table);
        heap.edge(table, EdgeType::Internal, "more", more);
        heap.edge(other, EdgeType::Weak, "more", more);
        heap.edge(more, EdgeType::Internal, "value", value);
        heap.edge(more, EdgeType::Internal, "shared", shared);
        heap.edge(other, EdgeType::Internal, "shared", shared);
        let graph = heap.build();
        let sizes = ShallowSizes::compute(&graph);
        let told: Vec<u64> = graph.nodes().map(|node| sizes.of(node).0).collect();
        assert_eq!(told, [0, 1, 1110, 10, 0, 0, 10_000, 100_000]);
    }
}
