//! What all objects of a sort retain together.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::descent::{Visit, descend};
use super::dominators::{DominatorChildren, Dominators};
use super::graph::{ClassKey, Graph};
use super::ownership::ShallowSizes;
use super::units::{Bytes, NodeIdx};

/// For each class, what would be freed if all of its objects were. An object that another of its class retains is in
/// that one's size already and not counted again: the links of a list are not the square of its length. As in DevTools,
/// what has no size of its own (storage of a single owner, V8's roots) speaks for no class.
pub fn class_retained(
    graph: &Graph,
    dominators: &Dominators,
    children: &DominatorChildren,
    sizes: &ShallowSizes,
) -> FxHashMap<ClassKey, Bytes> {
    let sort_of = |node| (sizes.of(node).0 > 0).then(|| graph.class_key(node));
    retained_by_sort(graph.root(), dominators, children, sort_of)
}

/// The same for sorts of any kind; nodes without one are looked through.
pub fn retained_by_sort<S: Copy + Eq + Hash>(
    root: NodeIdx,
    dominators: &Dominators,
    children: &DominatorChildren,
    sort_of: impl Fn(NodeIdx) -> Option<S>,
) -> FxHashMap<S, Bytes> {
    let mut retained: FxHashMap<S, Bytes> = FxHashMap::default();
    // Sorts of the nodes above, each with the outermost that brought it.
    let mut above: FxHashMap<S, NodeIdx> = FxHashMap::default();
    // Most nodes have nothing below them that could be counted twice.
    let is_inner = |node| children.of(node).len() > 0;
    descend(
        children,
        root,
        |_| true,
        |visit| match visit {
            Visit::Enter(node) => {
                if let Some(sort) = sort_of(node).filter(|sort| !above.contains_key(sort)) {
                    *retained.entry(sort).or_default() += dominators.retained(node);
                    if is_inner(node) {
                        above.insert(sort, node);
                    }
                }
            }
            Visit::Leave(node) if is_inner(node) => {
                if let Some(sort) = sort_of(node).filter(|sort| above.get(sort) == Some(&node)) {
                    above.remove(&sort);
                }
            }
            Visit::Leave(_) => {}
        },
    );
    retained
}

#[cfg(test)]
mod tests {
    use super::super::{EdgeType, GraphBuilder, NodeType};
    use super::*;

    #[test]
    fn a_list_retains_its_length_and_not_the_square() {
        let mut heap = GraphBuilder::new();
        let mut last = heap.root();
        let mut links = Vec::new();
        for _ in 0..4 {
            let link = heap.node(NodeType::Object, "Link", 16);
            heap.edge(last, EdgeType::Property, "next", link);
            last = link;
            links.push(link);
        }
        let value = heap.node(NodeType::Object, "Value", 100);
        heap.edge(last, EdgeType::Property, "value", value);
        // A second list, beside the first.
        let other = heap.node(NodeType::Object, "Link", 16);
        heap.edge(heap.root(), EdgeType::Property, "other", other);
        let graph = heap.build();
        let dominators = Dominators::compute(&graph);
        let sizes = ShallowSizes::compute(&graph);
        let retained = class_retained(&graph, &dominators, &dominators.children(), &sizes);
        assert_eq!(retained[&graph.class_key(other)], Bytes(4 * 16 + 100 + 16));
        assert_eq!(retained[&graph.class_key(value)], Bytes(100));
    }
}
