//! What a class retains as a whole.

use rustc_hash::{FxHashMap, FxHashSet};

use super::dominators::Dominators;
use super::graph::{ClassKey, Graph};
use super::ownership::ShallowSizes;
use super::units::{Bytes, NodeIdx};

/// For each class, what would be freed if all of its objects were. An object that another of its class retains is in
/// that one's size already and not counted again: the links of a list are not the square of its length. As in DevTools,
/// what has no size of its own (storage of a single owner, V8's roots) speaks for no class.
pub fn class_retained(graph: &Graph, dominators: &Dominators, sizes: &ShallowSizes) -> FxHashMap<ClassKey, Bytes> {
    let children = dominators.children();
    let mut retained: FxHashMap<ClassKey, Bytes> = FxHashMap::default();
    // Classes of the nodes above.
    let mut above: FxHashSet<ClassKey> = FxHashSet::default();
    let mut open = vec![Visit::Down(graph.root())];
    while let Some(visit) = open.pop() {
        match visit {
            Visit::Up(class) => {
                above.remove(&class);
            }
            Visit::Down(node) => {
                let class = graph.class_key(node);
                if sizes.of(node).0 > 0 && !above.contains(&class) {
                    *retained.entry(class).or_default() += dominators.retained(node);
                    if children.of(node).len() > 0 {
                        above.insert(class);
                        open.push(Visit::Up(class));
                    }
                }
                open.extend(children.of(node).map(Visit::Down));
            }
        }
    }
    retained
}

enum Visit {
    Down(NodeIdx),
    /// All below the node that brought this class has been seen.
    Up(ClassKey),
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
        let retained = class_retained(&graph, &Dominators::compute(&graph), &ShallowSizes::compute(&graph));
        assert_eq!(retained[&graph.class_key(other)], Bytes(4 * 16 + 100 + 16));
        assert_eq!(retained[&graph.class_key(value)], Bytes(100));
    }
}
