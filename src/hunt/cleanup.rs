//! What waits for a `FinalizationRegistry`: a snapshot is taken of a heap that was collected a moment before, in a forked child,
//! while the clean-up of what that collection found is still to come, and never comes there.

use crate::heap::{EdgeType, Graph, NodeIdx, NodeType, Retainers};

/// Retainers of one thing that are looked at.
const MOST: usize = 32;

/// Are these `WeakRef`s whose objects are gone, or what a registry is to be handed once it hears of that? All cells that wait
/// have to be as many as the things: what stays behind when the registry has been told is a leak.
pub fn is_pending(graph: &Graph, retainers: &Retainers, things: &[NodeIdx], count: u64) -> bool {
    let waiting = things.iter().filter(|&&thing| is_empty_ref(graph, thing) || is_handed_over(graph, retainers, thing));
    if 2 * waiting.count() <= things.len() {
        return false;
    }
    let cells = graph.nodes().filter(|&node| is_waiting_cell(graph, node)).count() as u64;
    cells * 10 >= count * 9
}

fn is_empty_ref(graph: &Graph, thing: NodeIdx) -> bool {
    graph.class_name(thing) == "WeakRef" && !has_weak_edge(graph, thing)
}

/// A text may be handed over as a part of a longer one, and a function with the timer that calls it: `AbortSignal.timeout`.
fn is_handed_over(graph: &Graph, retainers: &Retainers, thing: NodeIdx) -> bool {
    let holders = |node: NodeIdx| retainers.of(node).take(MOST).map(|(holder, _)| holder);
    let is_part = |node: NodeIdx| graph.node_type(node) == NodeType::ConsString || graph.class_name(node) == "Timeout";
    holders(thing).any(|holder| {
        is_waiting_cell(graph, holder) || is_part(holder) && holders(holder).any(|cell| is_waiting_cell(graph, cell))
    })
}

/// A cell of a registry whose object is gone; of any other the object is a weak edge.
fn is_waiting_cell(graph: &Graph, node: NodeIdx) -> bool {
    graph.name(node) == "system / WeakCell" && !has_weak_edge(graph, node)
}

fn has_weak_edge(graph: &Graph, node: NodeIdx) -> bool {
    graph.edges(node).any(|edge| edge.kind == EdgeType::Weak)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::GraphBuilder;

    /// `refs` references, the last `cells` of which have a cell that a registry holds; their objects are there or gone.
    fn references(refs: usize, cells: usize, gone: bool) -> (Graph, Vec<NodeIdx>, Vec<NodeIdx>) {
        let mut heap = GraphBuilder::new();
        let (mut found, mut keys) = (Vec::new(), Vec::new());
        for index in 0..refs {
            let [reference, object] = ["WeakRef", "Image"].map(|class| heap.node(NodeType::Object, class, 24));
            let key = heap.node(NodeType::String, "name", 24);
            for to in [reference, key] {
                heap.edge(heap.root(), EdgeType::Element, index as u32, to);
            }
            if !gone {
                heap.edge(reference, EdgeType::Weak, "target", object);
            }
            if index + cells >= refs {
                let cell = heap.node(NodeType::Hidden, "system / WeakCell", 24);
                heap.edge(heap.root(), EdgeType::Element, index as u32, cell);
                heap.edge(cell, EdgeType::Hidden, 3u32, key);
                if !gone {
                    heap.edge(cell, EdgeType::Weak, "1", object);
                }
            }
            found.push(reference);
            keys.push(key);
        }
        (heap.build(), found, keys)
    }

    fn pending(refs: usize, cells: usize, gone: bool) -> [bool; 2] {
        let (graph, found, keys) = references(refs, cells, gone);
        let retainers = Retainers::compute(&graph);
        [found, keys].map(|things| is_pending(&graph, &retainers, &things, refs as u64))
    }

    #[test]
    fn what_a_registry_will_be_told_of_is_pending_with_what_it_will_be_handed() {
        assert_eq!(pending(100, 100, true), [true, true]);
    }

    #[test]
    fn references_to_what_is_still_there_are_not() {
        assert_eq!(pending(100, 100, false), [false, false]);
    }

    #[test]
    fn empty_references_that_nobody_will_clean_up_are_not() {
        assert_eq!(pending(100, 0, true), [false, false]);
        assert_eq!(pending(100, 20, true), [false, false]);
    }
}
