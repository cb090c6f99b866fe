//! Where in the source a function or an object's constructor stands.
//!
//! V8 writes the place of every function, and beside every object the place of the constructor that made it; objects of
//! built-in classes have none. A place names its script by number. The script's name is found through a function: by its
//! `shared` edge to what all closures of one source function share, and from there to the script.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::graph::Graph;
use super::kinds::{EdgeType, NodeType};
use super::places::Location;
use super::units::NodeIdx;

/// A place for people: lines and columns count from 1. The column is that of the parameter list's bracket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionLocation {
    /// Empty for a function without a name.
    pub function: String,
    /// The script's path or URL.
    pub script: String,
    pub line: u32,
    pub column: u32,
}

/// The place of a closure, as far as V8 wrote it.
pub fn function_location(graph: &Graph, closure: NodeIdx) -> Option<FunctionLocation> {
    if graph.node_type(closure) != NodeType::Closure {
        return None;
    }
    let location = graph.location(closure)?;
    Some(place(graph.name(closure), script_name(graph, closure)?, location))
}

/// The names of all scripts by number, to place objects as well as functions.
#[derive(Clone, Debug, Default)]
pub struct Scripts {
    names: FxHashMap<u32, String>,
}

impl Scripts {
    /// Asks one function of each script.
    pub fn collect(graph: &Graph) -> Scripts {
        let mut names: FxHashMap<u32, String> = FxHashMap::default();
        for (node, location) in graph.places.iter() {
            if graph.node_type(node) == NodeType::Closure
                && let Entry::Vacant(entry) = names.entry(location.script_id)
                && let Some(name) = script_name(graph, node)
            {
                entry.insert(name.to_owned());
            }
        }
        Scripts { names }
    }

    /// The name of the script that snapshots of this graph call `script_id`.
    pub fn name(&self, script_id: u32) -> Option<&str> {
        self.names.get(&script_id).map(String::as_str)
    }

    /// The place that a node comes from: a function's own, or that of an object's constructor.
    pub fn origin(&self, graph: &Graph, node: NodeIdx) -> Option<FunctionLocation> {
        let location = graph.location(node)?;
        Some(place(graph.name(node), self.name(location.script_id)?, location))
    }
}

fn place(function: &str, script: &str, location: Location) -> FunctionLocation {
    FunctionLocation {
        function: function.to_owned(),
        script: script.to_owned(),
        line: location.line.saturating_add(1),
        column: location.column.saturating_add(1),
    }
}

/// V8 has called the way to the script by these names: the first up to Node 20, the second from 22 on.
const TO_SCRIPT: [&str; 2] = ["script_or_debug_info", "script"];

fn script_name(graph: &Graph, closure: NodeIdx) -> Option<&str> {
    let mut holder = graph.target(closure, EdgeType::Internal, "shared")?;
    // While a debugger is attached, its notes stand in between.
    for _ in 0..2 {
        let next = TO_SCRIPT.iter().find_map(|name| graph.target(holder, EdgeType::Internal, name))?;
        let name = graph.target(next, EdgeType::Internal, "name").map(|name| graph.name(name));
        match name.filter(|name| !name.is_empty()).or_else(|| own_name(graph, next)) {
            Some(name) => return Some(name),
            None => holder = next,
        }
    }
    None
}

/// V8 names a script's node by the script, unless that has no name.
fn own_name(graph: &Graph, script: NodeIdx) -> Option<&str> {
    Some(graph.name(script)).filter(|name| !name.is_empty() && !name.starts_with("system / "))
}

#[cfg(test)]
mod tests {
    use super::super::GraphBuilder;
    use super::*;

    #[test]
    fn functions_and_objects_are_placed_in_every_version() {
        for (to_script, script_node) in [("script_or_debug_info", "/app/server.js"), ("script", "system / Script")] {
            let mut heap = GraphBuilder::new();
            let closure = heap.node(NodeType::Closure, "Record", 64);
            let shared = heap.node(NodeType::Code, "Record", 64);
            let script = heap.node(NodeType::Code, script_node, 64);
            let name = heap.node(NodeType::String, "/app/server.js", 32);
            let record = heap.node(NodeType::Object, "Record", 32);
            let builtin = heap.node(NodeType::Closure, "push", 64);
            heap.edge(closure, EdgeType::Internal, "shared", shared);
            heap.edge(shared, EdgeType::Internal, to_script, script);
            if to_script == "script" {
                heap.edge(script, EdgeType::Internal, "name", name);
            }
            heap.location(closure, 88, 11, 23);
            heap.location(record, 88, 11, 23);
            let graph = heap.build();
            let expected =
                FunctionLocation { function: "Record".into(), script: "/app/server.js".into(), line: 12, column: 24 };
            assert_eq!(function_location(&graph, closure).as_ref(), Some(&expected));
            let scripts = Scripts::collect(&graph);
            assert_eq!(scripts.origin(&graph, record).as_ref(), Some(&expected));
            assert_eq!(function_location(&graph, record), None);
            assert_eq!(function_location(&graph, builtin), None);
            assert_eq!(scripts.origin(&graph, builtin), None);
        }
    }
}
