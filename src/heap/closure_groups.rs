//! Functions that are there many times over: closures by the piece of source that they are made of.

use super::graph::{Graph, NameKey};
use super::kinds::{EdgeType, NodeType};
use super::units::{Bytes, NodeIdx};

/// The closures of one function in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosureGroup {
    /// The last of them in the file.
    pub example: NodeIdx,
    pub count: u64,
    /// The scopes that they see, each counted once.
    pub scopes: u64,
    /// The closures' own sizes.
    pub closures: Bytes,
    /// Those of the scopes, without what hangs on them.
    pub shallow_scopes: Bytes,
}

/// The groups of at least `least` closures, those of the most first.
pub fn closure_groups(graph: &Graph, least: u64) -> Vec<ClosureGroup> {
    let mut parts = Parts::default();
    let closures = graph.nodes().filter(|&node| graph.node_type(node) == NodeType::Closure);
    // Sorted so that those of one source stand together, and of these the ones with one scope.
    let mut all: Vec<(NodeIdx, NodeIdx, NodeIdx)> = closures
        .filter_map(|closure| parts.of(graph, closure).map(|(shared, scope)| (shared, scope, closure)))
        .collect();
    all.sort_unstable();
    let mut found = Vec::new();
    for group in all.chunk_by(|a, b| a.0 == b.0) {
        if (group.len() as u64) < least {
            continue;
        }
        let scopes = || group.chunk_by(|a, b| a.1 == b.1).map(|same| same[0].1);
        found.push(ClosureGroup {
            example: group.iter().map(|&(_, _, closure)| closure).max().expect("a chunk is never empty"),
            count: group.len() as u64,
            scopes: scopes().count() as u64,
            closures: group.iter().map(|&(_, _, closure)| graph.self_size(closure)).sum(),
            shallow_scopes: scopes().map(|scope| graph.self_size(scope)).sum(),
        });
    }
    found.sort_by_key(|group| (std::cmp::Reverse(group.count), group.example));
    found
}

/// The names of a closure's two edges by number, once they are known: numbers are quicker to compare.
#[derive(Default)]
struct Parts {
    shared: Option<NameKey>,
    context: Option<NameKey>,
}

impl Parts {
    fn of(&mut self, graph: &Graph, closure: NodeIdx) -> Option<(NodeIdx, NodeIdx)> {
        let shared = target(graph, closure, "shared", &mut self.shared)?;
        Some((shared, target(graph, closure, "context", &mut self.context)?))
    }
}

fn target(graph: &Graph, closure: NodeIdx, name: &str, known: &mut Option<NameKey>) -> Option<NodeIdx> {
    if known.is_some() {
        let found =
            graph.links(closure).find(|link| link.kind == EdgeType::Internal && graph.edge_key(link.index) == *known);
        return found.map(|link| link.to);
    }
    let found = graph.edges(closure).find(|edge| edge.kind == EdgeType::Internal && edge.name == name.into())?;
    *known = graph.edge_key(found.index);
    Some(found.to)
}

#[cfg(test)]
mod tests {
    use super::super::GraphBuilder;
    use super::*;

    #[test]
    fn closures_of_one_source_are_one_group_and_scopes_are_counted_once() {
        let mut heap = GraphBuilder::new();
        let [many, few] = ["many", "few"].map(|name| heap.node(NodeType::Code, name, 100));
        let scopes = [40, 48].map(|size| heap.node(NodeType::Object, "system / Context", size));
        let mut closure = |shared, scope| {
            let closure = heap.node(NodeType::Closure, "f", 64);
            heap.edge(closure, EdgeType::Internal, "shared", shared);
            heap.edge(closure, EdgeType::Internal, "context", scope);
            closure
        };
        closure(many, scopes[0]);
        closure(few, scopes[0]);
        closure(many, scopes[1]);
        let last = closure(many, scopes[0]);
        // A closure without a source is nobody's.
        heap.node(NodeType::Closure, "f", 64);
        let found = closure_groups(&heap.build(), 2);
        let expected =
            ClosureGroup { example: last, count: 3, scopes: 2, closures: Bytes(3 * 64), shallow_scopes: Bytes(88) };
        assert_eq!(found, [expected]);
    }
}
