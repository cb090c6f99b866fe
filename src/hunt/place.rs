//! The line of code: which function makes, keeps or is the thing that piles up.

use super::path::Hop;
use super::role;
use super::verdict::Location;
use crate::heap::{EdgeName, EdgeType, Graph, NodeIdx, NodeType, Retainers, function_location};
use std::collections::{HashMap, HashSet};

/// Retainers that are looked at, of one node: a shape or a scope may have as many as there are objects.
const MOST: usize = 4096;

/// How near a script is to the person who reads the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    Own,
    Module,
    Node,
}

/// Where `closure` begins.
pub fn of_function(graph: &Graph, closure: NodeIdx) -> Option<Location> {
    let found = function_location(graph, closure)?;
    let function = if found.function.is_empty() { role::ANONYMOUS.to_string() } else { found.function };
    Some(Location { function, script: found.script, line: found.line, column: found.column })
}

/// The nearest of some functions; of two that are equally near the first.
pub fn nearest(graph: &Graph, closures: impl IntoIterator<Item = NodeIdx>) -> Option<Location> {
    closures
        .into_iter()
        .filter_map(|closure| of_function(graph, closure))
        .min_by_key(|location| distance(&location.script))
}

/// The same for the functions themselves; only those whose place is known.
pub fn nearest_of(graph: &Graph, closures: &[NodeIdx]) -> Option<NodeIdx> {
    let placed = closures.iter().filter_map(|&closure| Some((closure, of_function(graph, closure)?)));
    placed.min_by_key(|(_, location)| distance(&location.script)).map(|(closure, _)| closure)
}

/// The last part of a script's path.
pub fn file_name(script: &str) -> &str {
    script.rsplit(['/', '\\']).next().unwrap_or(script)
}

pub fn is_own(script: &str) -> bool {
    distance(script) == Distance::Own
}

pub fn is_nodes(script: &str) -> bool {
    distance(script) == Distance::Node
}

fn distance(script: &str) -> Distance {
    if script.starts_with("node:") || script.starts_with("internal/") {
        Distance::Node
    } else if script.contains("/node_modules/") {
        Distance::Module
    } else {
        Distance::Own
    }
}

/// For a thing in a collection: who makes it, else who holds the collection, else where its class begins.
pub fn of_thing(graph: &Graph, retainers: &Retainers, thing: NodeIdx, hops: &[Hop]) -> Option<Location> {
    let on_path = hops.iter().map(|hop| hop.node).filter(|&node| graph.node_type(node) == NodeType::Closure);
    let in_scope =
        hops.iter().find(|hop| role::is_context(graph, hop.node)).map(|hop| closures_over(graph, retainers, hop.node));
    let all = makers(graph, retainers, thing)
        .into_iter()
        .chain(on_path)
        .chain(in_scope.unwrap_or_default())
        .chain(constructor(graph, thing));
    nearest(graph, all)
}

/// The constructor, found as JavaScript finds it: `thing.__proto__.constructor`.
pub fn constructor(graph: &Graph, thing: NodeIdx) -> Option<NodeIdx> {
    let prototype = graph.target(thing, EdgeType::Property, "__proto__")?;
    let constructor = graph.target(prototype, EdgeType::Property, "constructor")?;
    (graph.node_type(constructor) == NodeType::Closure).then_some(constructor)
}

/// The functions that made things like this one. V8 notes in a function's feedback which constructors it calls, and what the
/// objects look like that its literals make; both notes lead back to the function.
fn makers(graph: &Graph, retainers: &Retainers, thing: NodeIdx) -> Vec<NodeIdx> {
    let mut vectors: Vec<NodeIdx> = Vec::new();
    match constructor(graph, thing).filter(|_| !role::is_builtin(graph.class_name(thing))) {
        Some(constructor) => {
            vectors.extend(holders(retainers, constructor).filter(|&n| graph.name(n) == "system / FeedbackVector"))
        }
        None => {
            let Some(shape) = graph.target(thing, EdgeType::Internal, "map") else { return Vec::new() };
            let sites = graph.nodes().filter(|&n| graph.name(n) == "system / AllocationSite");
            let mut seen = HashMap::new();
            let mut is_alike = |node: NodeIdx| {
                *seen.entry(node).or_insert_with(|| graph.target(node, EdgeType::Internal, "map") == Some(shape))
            };
            let alike = sites.filter(|&site| graph.edges(site).any(|e| is_alike(e.to)));
            vectors.extend(alike.take(MOST).flat_map(|site| holders(retainers, site).collect::<Vec<_>>()));
        }
    }
    let cells = distinct(distinct(vectors.into_iter()).into_iter().flat_map(|vector| holders(retainers, vector)));
    let closures = cells.into_iter().flat_map(|cell| holders(retainers, cell));
    distinct(closures.filter(|&n| graph.node_type(n) == NodeType::Closure))
}

/// Each node once, and only so many: a file may hold the same few nodes together by millions of edges.
fn distinct(nodes: impl Iterator<Item = NodeIdx>) -> Vec<NodeIdx> {
    let mut seen = HashSet::new();
    nodes.filter(|&node| seen.insert(node)).take(MOST).collect()
}

/// The functions whose variables live in `scope`.
fn closures_over(graph: &Graph, retainers: &Retainers, scope: NodeIdx) -> Vec<NodeIdx> {
    let closures = retainers.of(scope).take(MOST).filter(|&(node, edge)| {
        graph.node_type(node) == NodeType::Closure && matches!(graph.edge(edge).name, EdgeName::Name("context"))
    });
    closures.map(|(node, _)| node).collect()
}

/// Whoever points to `node`, weakly or not.
fn holders(retainers: &Retainers, node: NodeIdx) -> impl Iterator<Item = NodeIdx> {
    retainers.of(node).take(MOST).map(|(holder, _)| holder)
}
