//! Strings that V8 cut out of others without a copy: the part holds the whole.

use rustc_hash::FxHashMap;

use super::graph::Graph;
use super::kinds::{EdgeType, NodeType};
use super::units::NodeIdx;

/// A string of which there are slices. How long those are is a plain number in V8's object, which a snapshot does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlicedParent {
    pub parent: NodeIdx,
    pub slices: u64,
    /// The first of them.
    pub slice: NodeIdx,
}

/// In the order of their first slices in the file.
pub fn sliced_parents(graph: &Graph) -> Vec<SlicedParent> {
    let mut found: Vec<SlicedParent> = Vec::new();
    let mut places: FxHashMap<NodeIdx, usize> = FxHashMap::default();
    for slice in graph.nodes().filter(|&node| graph.node_type(node) == NodeType::SlicedString) {
        let Some(parent) = graph.target(slice, EdgeType::Internal, "parent") else { continue };
        let place = *places.entry(parent).or_insert_with(|| {
            found.push(SlicedParent { parent, slices: 0, slice });
            found.len() - 1
        });
        found[place].slices += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::GraphBuilder;
    use super::*;

    #[test]
    fn slices_of_one_string_are_counted_together() {
        let mut heap = GraphBuilder::new();
        let [one, two] = ["one", "two"].map(|text| heap.node(NodeType::String, text, 1000));
        let slices = [two, one, two].map(|parent| {
            let slice = heap.node(NodeType::SlicedString, "(sliced string)", 32);
            heap.edge(slice, EdgeType::Internal, "parent", parent);
            slice
        });
        heap.node(NodeType::SlicedString, "(sliced string)", 32);
        assert_eq!(
            sliced_parents(&heap.build()),
            [
                SlicedParent { parent: two, slices: 2, slice: slices[0] },
                SlicedParent { parent: one, slices: 1, slice: slices[1] },
            ]
        );
    }
}
