//! Carriers: things that exist for the sake of a function of the program's, and how people would call them.
//!
//! A timer, a listener of an `EventTarget`, a bound function, the state of an async function that waits: a heap has thousands
//! of each, and what tells one from another is the function. So their class is named with it: `Timeout of function poll`. A function
//! without a name is known by its place, `function (anonymous at server.js:12:5)`.

use super::origins::anonymous_at;
use super::role;
use crate::heap::{EdgeType, Graph, NodeIdx, NodeType, function_location};

/// Wrappers in wrappers that are opened.
const DEEPEST: usize = 4;
/// What stands between a carrier's own class and its function.
const OF: &str = " of function ";

/// The program's own function that `node` is, or carries: a function that is bound, or wrapped for `once`, is that inside.
pub fn function_of(graph: &Graph, node: NodeIdx) -> Option<NodeIdx> {
    let mut at = node;
    for _ in 0..DEEPEST {
        match inside(graph, at) {
            Some(inner) if inner != at => at = inner,
            _ => break,
        }
    }
    (graph.node_type(at) == NodeType::Closure).then_some(at)
}

/// Whether a node of this kind and name may be a carrier, or a function that is known by its place.
pub fn may_be(graph: &Graph, node: NodeIdx) -> bool {
    let name = graph.name(node);
    match graph.node_type(node) {
        NodeType::Closure => matches!(name, "" | "wrapper" | "native_bind") || name.starts_with("bound "),
        NodeType::Object => matches!(
            name,
            "Timeout"
                | "Immediate"
                | "Listener"
                | "Generator"
                | "AsyncGenerator"
                | "system / AsyncFunctionObject"
                | "AsyncFunction"
        ),
        _ => false,
    }
}

/// What a carrier holds its function by, by Node's and V8's own names for it.
fn inside(graph: &Graph, node: NodeIdx) -> Option<NodeIdx> {
    let property = |name: &str| graph.target(node, EdgeType::Property, name).filter(|&f| is_callable(graph, f));
    if graph.node_type(node) == NodeType::Closure {
        // `once` leaves the listener on its wrapper, for `off` to find.
        return match graph.name(node) {
            "wrapper" => property("listener"),
            "native_bind" => property("listener").or_else(|| bound(graph, node)),
            name if name.starts_with("bound ") => property("listener").or_else(|| bound(graph, node)),
            _ => None,
        };
    }
    if graph.node_type(node) != NodeType::Object {
        return None;
    }
    match graph.name(node) {
        "Timeout" => property("_onTimeout"),
        "Immediate" => property("_onImmediate"),
        "Listener" => property("listener").or_else(|| property("callback")),
        "Generator" | "AsyncGenerator" | "system / AsyncFunctionObject" | "AsyncFunction" => {
            graph.target(node, EdgeType::Internal, "function").filter(|&f| is_callable(graph, f))
        }
        _ => None,
    }
}

fn bound(graph: &Graph, node: NodeIdx) -> Option<NodeIdx> {
    graph.target(node, EdgeType::Internal, "bound_function").filter(|&f| is_callable(graph, f))
}

fn is_callable(graph: &Graph, node: NodeIdx) -> bool {
    graph.node_type(node) == NodeType::Closure
}

/// A function's name, or its place: `(anonymous at server.js:12:5)`.
pub fn title(graph: &Graph, closure: NodeIdx) -> String {
    match graph.name(closure) {
        "" => match function_location(graph, closure) {
            Some(at) => format!("({})", anonymous_at(&at.script, at.line, at.column)),
            None => role::ANONYMOUS.to_string(),
        },
        name => name.to_string(),
    }
}

/// The class of a carrier, with the function that it carries.
pub fn class(graph: &Graph, node: NodeIdx, base: &str) -> Option<String> {
    let function = function_of(graph, node)?;
    Some(match function == node {
        true => format!("function {}", title(graph, node)),
        false => format!("{base}{OF}{}", title(graph, function)),
    })
}

/// `Timeout` of `Timeout of function poll`.
pub fn base(class: &str) -> &str {
    class.split_once(OF).map_or(class, |(base, _)| base)
}

/// `poll` of `function poll` and of `Timeout of function poll`.
pub fn carried(class: &str) -> Option<&str> {
    class.split_once(OF).map(|(_, function)| function).or_else(|| class.strip_prefix("function "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hunt::heaps::Program;

    #[test]
    fn wrappers_are_opened_down_to_the_programs_own_function() {
        let mut p = Program::new(1);
        let scope = p.scope;
        let (listener, wrapper) = (p.function("", 12, scope), p.function("native_bind", 400, scope));
        let once = p.function("onceWrapper", 300, scope);
        p.heap.edge(wrapper, EdgeType::Internal, "bound_function", once);
        p.heap.edge(wrapper, EdgeType::Property, "listener", listener);
        let bound = p.function("native_bind", 401, scope);
        p.heap.edge(bound, EdgeType::Internal, "bound_function", wrapper);
        let timeout = p.object("Timeout");
        p.heap.edge(timeout, EdgeType::Property, "_onTimeout", bound);
        let spent = p.object("Timeout");
        let graph = p.build();
        assert_eq!(function_of(&graph, timeout), Some(listener));
        assert_eq!(role::class(&graph, timeout), "Timeout of function (anonymous at server.js:12:5)");
        assert_eq!(role::class(&graph, listener), "function (anonymous at server.js:12:5)");
        assert_eq!(role::class(&graph, once), "function onceWrapper");
        assert_eq!((function_of(&graph, spent), &*role::class(&graph, spent)), (None, "Timeout"));
    }

    #[test]
    fn functions_that_are_bound_to_each_other_end() {
        let mut p = Program::new(1);
        let scope = p.scope;
        let (a, b) = (p.function("native_bind", 1, scope), p.function("native_bind", 2, scope));
        p.heap.edge(a, EdgeType::Internal, "bound_function", b);
        p.heap.edge(b, EdgeType::Internal, "bound_function", a);
        assert!(function_of(&p.build(), a).is_some());
    }

    #[test]
    fn a_class_is_taken_apart_again() {
        assert_eq!((base("Timeout of function poll"), carried("Timeout of function poll")), ("Timeout", Some("poll")));
        assert_eq!((base("Session"), carried("Session"), carried("function f")), ("Session", None, Some("f")));
    }
}
