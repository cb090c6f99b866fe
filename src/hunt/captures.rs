//! What a function keeps by closing over it: variables of the scopes that were made along with it.

use super::role;
use super::verdict::Captured;
use crate::heap::{Dominators, EdgeName, EdgeType, Graph, NodeIdx, NodeType};

/// Scopes around a function that are looked at, variables of one scope, and variables that are told.
const SCOPES: usize = 4;
const VARIABLES: usize = 256;
const TOLD: usize = 4;

/// The variables that `function` closes over and that only it keeps, the heaviest first. A scope that many functions share (the
/// module's) says nothing about one of them: the walk outwards ends at the first scope that is not `own`.
pub fn captured(
    graph: &Graph,
    dominators: &Dominators,
    function: NodeIdx,
    own: impl Fn(NodeIdx) -> bool,
) -> Vec<Captured> {
    let mut found: Vec<Captured> = Vec::new();
    let mut scope = graph.target(function, EdgeType::Internal, "context");
    for _ in 0..SCOPES {
        let Some(at) = scope.filter(|&at| role::is_context(graph, at) && own(at)) else { break };
        for edge in graph.edges(at).filter(|edge| edge.kind == EdgeType::Context).take(VARIABLES) {
            let EdgeName::Name(variable) = edge.name else { continue };
            // `undefined`, `true` and their like, and the function's own name.
            if edge.to == function || graph.node_type(edge.to) == NodeType::Hidden {
                continue;
            }
            // An inner variable hides an outer one of the same name.
            if !found.iter().any(|captured| captured.variable == variable) {
                found.push(Captured {
                    variable: variable.to_string(),
                    class: role::class(graph, edge.to).into_owned(),
                    retained_bytes: dominators.retained(edge.to).0,
                });
            }
        }
        scope = graph.target(at, EdgeType::Internal, "previous");
    }
    found.sort_by(|a, b| (b.retained_bytes, &a.variable).cmp(&(a.retained_bytes, &b.variable)));
    found.truncate(TOLD);
    found
}

/// `session` (LeakedSession) and `id` (string): the first two, as a sentence has them.
pub fn in_words(captured: &[Captured]) -> Option<String> {
    let one = |c: &Captured| format!("`{}` ({})", c.variable, c.class.trim_matches(['(', ')']));
    match captured {
        [] => None,
        [first] => Some(one(first)),
        [first, second, ..] => Some(format!("{} and {}", one(first), one(second))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hunt::heaps::Program;

    #[test]
    fn variables_of_the_functions_own_scopes_are_told_and_the_modules_are_not() {
        let mut p = Program::new(1);
        p.variable("config", "Config");
        let (outer, inner) = (p.context(), p.context());
        let module = p.scope;
        p.heap.edge(outer, EdgeType::Internal, "previous", module);
        p.heap.edge(inner, EdgeType::Internal, "previous", outer);
        let (order, small) = (p.object("Order"), p.object("Small"));
        p.property(order, "lines", "Lines");
        p.heap.edge(outer, EdgeType::Context, "order", order);
        p.heap.edge(inner, EdgeType::Context, "small", small);
        let f = p.function("f", 3, inner);
        p.heap.edge(inner, EdgeType::Context, "f", f);
        p.heap.edge(module, EdgeType::Context, "callback", f);
        let graph = p.build();
        let dominators = Dominators::compute(&graph);
        let told = captured(&graph, &dominators, f, |scope| scope != module);
        let told: Vec<_> = told.iter().map(|c| (c.variable.as_str(), c.class.as_str(), c.retained_bytes)).collect();
        assert_eq!(told, [("order", "Order", 64), ("small", "Small", 32)]);
        assert!(captured(&graph, &dominators, f, |_| false).is_empty());
    }
}
