//! The variables that a function sees.

use super::graph::Graph;
use super::kinds::{EdgeType, NodeType};
use super::units::NodeIdx;

/// Scopes that are looked at: more than anybody nests, and an end to a ring in a made-up file.
const DEEPEST: usize = 1000;

/// The scopes of a closure, its own first, or those around a scope. Each holds its variables by context edges; V8 keeps only
/// those variables that some inner function uses. The last, V8's own context of the globals, is left out.
pub fn scopes(graph: &Graph, node: NodeIdx) -> impl Iterator<Item = NodeIdx> + '_ {
    let is_scope = move |&node: &NodeIdx| {
        graph.node_type(node) == NodeType::Object && graph.name(node).starts_with("system / Context")
    };
    let first = match graph.node_type(node) {
        NodeType::Closure => graph.target(node, EdgeType::Internal, "context"),
        _ => Some(node),
    };
    std::iter::successors(first.filter(is_scope), move |&scope| {
        graph.target(scope, EdgeType::Internal, "previous").filter(is_scope)
    })
    .take(DEEPEST)
}

#[cfg(test)]
mod tests {
    use super::super::GraphBuilder;
    use super::*;

    #[test]
    fn scopes_go_outwards_and_end() {
        let mut heap = GraphBuilder::new();
        let closure = heap.node(NodeType::Closure, "handler", 64);
        let [inner, outer] = [0, 1].map(|_| heap.node(NodeType::Object, "system / Context", 32));
        let globals = heap.node(NodeType::Hidden, "system / NativeContext", 2000);
        heap.edge(closure, EdgeType::Internal, "context", inner);
        heap.edge(inner, EdgeType::Internal, "previous", outer);
        heap.edge(outer, EdgeType::Internal, "previous", globals);
        let ring = heap.node(NodeType::Object, "system / Context", 32);
        heap.edge(ring, EdgeType::Internal, "previous", ring);
        let graph = heap.build();
        assert_eq!(scopes(&graph, closure).collect::<Vec<_>>(), [inner, outer]);
        assert_eq!(scopes(&graph, outer).collect::<Vec<_>>(), [outer]);
        assert_eq!(scopes(&graph, globals).count(), 0);
        assert_eq!(scopes(&graph, ring).count(), DEEPEST);
    }
}
