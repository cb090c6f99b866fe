//! What Node keeps to use again: parsers of HTTP wait in a `FreeList` of bounded length, and are as many as there ever were
//! connections at one moment. A load that rises fills it; it is no leak.

use crate::heap::{EdgeName, EdgeType, Graph, NodeIdx, Retainers};

/// Instances that are looked at.
const SAMPLE: usize = 64;
/// Retainers of one thing that are looked at.
const MOST: usize = 32;

/// Are most of these things in such a list?
pub fn is_free(graph: &Graph, retainers: &Retainers, things: &[NodeIdx]) -> bool {
    let step = (things.len() / SAMPLE).max(1);
    let looked_at = things.iter().step_by(step);
    let all = looked_at.len();
    2 * looked_at.filter(|&&thing| is_listed(graph, retainers, thing)).count() > all
}

fn is_listed(graph: &Graph, retainers: &Retainers, thing: NodeIdx) -> bool {
    let holders = |node: NodeIdx| retainers.of(node).take(MOST);
    let is_list = |(holder, edge)| {
        graph.class_name(holder) == "FreeList"
            && graph.edge_kind(edge) == EdgeType::Property
            && graph.edge(edge).name == EdgeName::Name("list")
    };
    holders(thing).any(|(array, _)| graph.class_name(array) == "Array" && holders(array).any(is_list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{GraphBuilder, NodeType};

    /// As many parsers as there are, of which so many are free.
    fn parsers(all: u32, free: u32) -> bool {
        let mut heap = GraphBuilder::new();
        let [pool, list] = ["FreeList", "Array"].map(|class| heap.node(NodeType::Object, class, 32));
        heap.edge(heap.root(), EdgeType::Element, 0, pool);
        heap.edge(pool, EdgeType::Property, "list", list);
        let things: Vec<NodeIdx> = (0..all)
            .map(|index| {
                let parser = heap.node(NodeType::Object, "HTTPParser", 304);
                heap.edge(heap.root(), EdgeType::Element, index + 1, parser);
                if index < free {
                    heap.edge(list, EdgeType::Element, index, parser);
                }
                parser
            })
            .collect();
        let graph = heap.build();
        is_free(&graph, &Retainers::compute(&graph), &things)
    }

    #[test]
    fn what_waits_to_be_used_again_is_free_and_what_is_in_use_is_not() {
        assert!(parsers(100, 90));
        assert!(!parsers(100, 10));
        assert!(!parsers(0, 0));
    }
}
