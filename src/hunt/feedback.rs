//! What V8 has noted about a function while it ran: whom it calls, what the objects look like that it reads, what its literals
//! make. The notes hang in the function's feedback vector, most of them weakly, and lead from a thing to the code that deals with it.

use crate::heap::{EdgeType, Graph, NodeIdx, NodeType, Retainers, function_location};
use rustc_hash::FxHashSet;

/// Retainers that are looked at, of one node: a shape or a scope may have as many as there are objects.
const MOST: usize = 4096;
/// So many calls up from the code that makes a thing is where the program's own code is looked for.
const CALLS: usize = 8;
/// Functions that are looked at on the way.
const CALLERS: usize = 1024;

/// The functions whose notes have `node`.
pub fn noting(graph: &Graph, retainers: &Retainers, node: NodeIdx) -> Vec<NodeIdx> {
    let vectors = retained(retainers, node).filter(|&n| graph.name(n) == "system / FeedbackVector");
    functions_of(graph, retainers, vectors)
}

/// The functions to which feedback vectors belong.
pub fn functions_of(graph: &Graph, retainers: &Retainers, vectors: impl Iterator<Item = NodeIdx>) -> Vec<NodeIdx> {
    let cells = distinct(distinct(vectors).into_iter().flat_map(|vector| retained(retainers, vector)));
    let closures = cells.into_iter().flat_map(|cell| retained(retainers, cell));
    distinct(closures.filter(|&n| graph.node_type(n) == NodeType::Closure))
}

/// Do the notes of `function` have `node`?
pub fn notes(graph: &Graph, function: NodeIdx, node: NodeIdx) -> bool {
    noted(graph, function).any(|noted| noted == node)
}

/// Does `function` call what adds to an array, a map or a set?
pub fn adds(graph: &Graph, function: NodeIdx) -> bool {
    let is_adder = |node: NodeIdx| {
        graph.node_type(node) == NodeType::Closure
            && matches!(graph.name(node), "push" | "unshift" | "set" | "add" | "splice" | "concat")
            && function_location(graph, node).is_none()
    };
    noted(graph, function).any(is_adder)
}

fn noted(graph: &Graph, function: NodeIdx) -> impl Iterator<Item = NodeIdx> {
    let cell = graph.target(function, EdgeType::Internal, "feedback_cell");
    let vector = cell.and_then(|cell| graph.target(cell, EdgeType::Internal, "value"));
    vector.into_iter().flat_map(|vector| graph.edges(vector).take(MOST)).map(|edge| edge.to)
}

/// The functions for which `wanted` holds that call one of `functions`, themselves or through others; only the nearest.
pub fn callers(
    graph: &Graph,
    retainers: &Retainers,
    functions: Vec<NodeIdx>,
    wanted: impl Fn(NodeIdx) -> bool,
) -> Vec<NodeIdx> {
    let mut seen: FxHashSet<NodeIdx> = functions.iter().copied().collect();
    let mut level = functions;
    for _ in 0..CALLS {
        let mut above = Vec::new();
        for function in level {
            let found = noting(graph, retainers, function);
            above.extend(found.into_iter().filter(|&caller| seen.len() < CALLERS && seen.insert(caller)));
        }
        let found: Vec<NodeIdx> = above.iter().copied().filter(|&caller| wanted(caller)).collect();
        if !found.is_empty() {
            return found;
        }
        level = above;
    }
    Vec::new()
}

/// Each node once, and only so many: a file may hold the same few nodes together by millions of edges.
pub fn distinct(nodes: impl Iterator<Item = NodeIdx>) -> Vec<NodeIdx> {
    let mut seen = FxHashSet::default();
    nodes.filter(|&node| seen.insert(node)).take(MOST).collect()
}

/// Whoever points to `node`, weakly or not.
fn retained(retainers: &Retainers, node: NodeIdx) -> impl Iterator<Item = NodeIdx> {
    retainers.of(node).take(MOST).map(|(holder, _)| holder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::GraphBuilder;

    /// A closure with a feedback vector that notes `noted`; one without a script is a builtin.
    fn function(heap: &mut GraphBuilder, name: &str, script: Option<NodeIdx>, noted: &[NodeIdx]) -> NodeIdx {
        let [closure, shared] = [NodeType::Closure, NodeType::Code].map(|kind| heap.node(kind, name, 64));
        let cell = heap.node(NodeType::Code, "system / FeedbackCell", 16);
        let vector = heap.node(NodeType::Code, "system / FeedbackVector", 64);
        heap.edge(closure, EdgeType::Internal, "shared", shared);
        heap.edge(closure, EdgeType::Internal, "feedback_cell", cell);
        heap.edge(cell, EdgeType::Internal, "value", vector);
        for (index, &to) in noted.iter().enumerate() {
            heap.edge(vector, EdgeType::Weak, index.to_string().as_str(), to);
        }
        if let Some(script) = script {
            heap.edge(shared, EdgeType::Internal, "script", script);
            heap.location(closure, 7, 0, 0);
        }
        heap.edge(heap.root(), EdgeType::Property, name, closure);
        closure
    }

    #[test]
    fn the_nearest_callers_that_are_wanted_are_found_by_what_calls_have_noted() {
        // main > middle > make, other > make
        let mut heap = GraphBuilder::new();
        let script = heap.node(NodeType::Code, "/app/a.js", 8);
        let make = function(&mut heap, "make", Some(script), &[]);
        let middle = function(&mut heap, "middle", Some(script), &[make]);
        let other = function(&mut heap, "other", Some(script), &[make]);
        let main = function(&mut heap, "main", Some(script), &[middle, other]);
        let graph = heap.build();
        let retainers = Retainers::compute(&graph);
        let found = |wanted: &[NodeIdx]| callers(&graph, &retainers, vec![make], |f| wanted.contains(&f));
        assert_eq!(noting(&graph, &retainers, middle), [main]);
        assert_eq!(found(&[main]), [main]);
        assert_eq!(found(&[main, other]), [other], "the nearest only");
        assert_eq!(found(&[make]), [], "not the function itself");
    }

    #[test]
    fn functions_that_call_each_other_end_the_search() {
        let mut heap = GraphBuilder::new();
        let script = heap.node(NodeType::Code, "/app/a.js", 8);
        let a = function(&mut heap, "a", Some(script), &[]);
        let b = function(&mut heap, "b", Some(script), &[a]);
        let cell = heap.node(NodeType::Code, "system / FeedbackCell", 16);
        let vector = heap.node(NodeType::Code, "system / FeedbackVector", 64);
        heap.edge(a, EdgeType::Internal, "other_cell", cell);
        heap.edge(cell, EdgeType::Internal, "value", vector);
        heap.edge(vector, EdgeType::Weak, "0", b);
        let graph = heap.build();
        let retainers = Retainers::compute(&graph);
        assert_eq!(callers(&graph, &retainers, vec![a], |_| false), []);
    }

    #[test]
    fn a_builtin_push_adds_and_a_push_of_the_programs_own_does_not() {
        let mut heap = GraphBuilder::new();
        let script = heap.node(NodeType::Code, "/app/a.js", 8);
        let builtin = function(&mut heap, "push", None, &[]);
        let own = function(&mut heap, "push", Some(script), &[]);
        let adding = function(&mut heap, "remember", Some(script), &[builtin]);
        let calling = function(&mut heap, "start", Some(script), &[own]);
        let graph = heap.build();
        assert!(adds(&graph, adding));
        assert!(!adds(&graph, calling));
        assert!(!adds(&graph, builtin));
    }
}
