//! The line of code: which function makes, keeps or is the thing that piles up.

use super::carrier;
use super::feedback::{self, distinct};
use super::path::Hop;
use super::role;
use super::verdict::Location;
use crate::heap::{Edge, EdgeName, EdgeType, Graph, NodeIdx, NodeType, Retainers, function_location};
use std::collections::HashMap;

/// Retainers that are looked at, of one node: a shape or a scope may have as many as there are objects.
const MOST: usize = 4096;
/// Scopes within a scope whose functions are looked at.
const SCOPES: usize = 64;

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
    Some(Location { function, script: found.script, line: found.line, column: found.column, generated: None })
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

/// The folder of leakhunt's own scripts, by two that are always loaded and that nobody else has side by side.
pub fn our_folder<'s>(scripts: impl Iterator<Item = &'s str> + Clone) -> Option<&'s str> {
    let folder = |script: &'s str, file: &str| script.strip_suffix(file).filter(|folder| folder.ends_with('/'));
    scripts.clone().find_map(|script| {
        let ours = folder(script, "analyst-command.js")?;
        scripts.clone().any(|other| folder(other, "heap-stats.js") == Some(ours)).then_some(ours)
    })
}

/// The code by which Node loads modules: texts that it keeps are names of files, of which a program has so many.
pub fn is_loaders(script: &str) -> bool {
    script.starts_with("node:internal/modules/")
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

/// The nearest function on the way whose place is `wanted`: one that closes over a scope there, or that waits with its variables.
pub fn on_the_way(
    graph: &Graph,
    retainers: &Retainers,
    hops: &[Hop],
    wanted: impl Fn(&Location) -> bool,
) -> Option<Location> {
    let functions = |node: NodeIdx| match role::is_context(graph, node) {
        true => closures_over(graph, retainers, node),
        false => carrier::function_of(graph, node).into_iter().collect(),
    };
    let near = hops.iter().flat_map(|hop| functions(hop.node));
    near.filter_map(|function| of_function(graph, function)).find(|location| wanted(location))
}

/// For a thing in a collection: who puts it there, else who makes it, else who holds the collection, else where its class
/// begins. Where all that is somebody else's code, the program's own function that calls it.
pub fn of_thing(graph: &Graph, retainers: &Retainers, thing: NodeIdx, hops: &[Hop]) -> Option<Location> {
    let makers = makers(graph, retainers, thing);
    let fillers = fillers(graph, retainers, thing, hops);
    let both = fillers.iter().copied().filter(|filler| makers.contains(filler));
    let on_path = hops.iter().map(|hop| hop.node).filter(|&node| graph.node_type(node) == NodeType::Closure);
    let in_scope =
        hops.iter().find(|hop| role::is_context(graph, hop.node)).map(|hop| closures_over(graph, retainers, hop.node));
    let constructor = constructor(graph, thing);
    let all = both
        .chain(fillers.iter().copied())
        .chain(makers.iter().copied())
        .chain(on_path)
        .chain(in_scope.unwrap_or_default())
        .chain(constructor);
    let found = nearest(graph, all);
    if found.as_ref().is_some_and(|location| is_own(&location.script)) {
        return found;
    }
    let foreign = makers.into_iter().chain(constructor).collect();
    own_caller(graph, retainers, foreign).or(found)
}

/// The program's own function that calls one of `functions`, by way of others perhaps.
fn own_caller(graph: &Graph, retainers: &Retainers, functions: Vec<NodeIdx>) -> Option<Location> {
    let is_ours = |f: NodeIdx| of_function(graph, f).is_some_and(|location| is_own(&location.script));
    nearest(graph, feedback::callers(graph, retainers, functions, is_ours))
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
    if let Some(constructor) = constructor(graph, thing).filter(|_| !role::is_builtin(graph.class_name(thing))) {
        return feedback::noting(graph, retainers, constructor);
    }
    // All promises look alike, all maps, and all arrays: their looks do not tell where they come from.
    let Some(shape) = graph.target(thing, EdgeType::Internal, "map").filter(|_| graph.class_name(thing) == "Object")
    else {
        return Vec::new();
    };
    let sites = graph.nodes().filter(|&n| graph.name(n) == "system / AllocationSite");
    let mut seen = HashMap::new();
    let mut is_alike = |node: NodeIdx| {
        *seen.entry(node).or_insert_with(|| graph.target(node, EdgeType::Internal, "map") == Some(shape))
    };
    let alike = sites.filter(|&site| graph.edges(site).any(|e| is_alike(e.to)));
    let vectors: Vec<NodeIdx> =
        alike.take(MOST).flat_map(|site| retainers.of(site).take(MOST).map(|(holder, _)| holder)).collect();
    feedback::functions_of(graph, retainers, vectors.into_iter())
}

/// The functions that deal with the variable in which `thing` ends up: those that are seen to add to a collection of its kind
/// first. Where the variable is a property of an object, its methods are asked too.
fn fillers(graph: &Graph, retainers: &Retainers, thing: NodeIdx, hops: &[Hop]) -> Vec<NodeIdx> {
    let Some(scope) = hops.iter().position(|hop| role::is_context(graph, hop.node)) else { return Vec::new() };
    let shape = |node: NodeIdx| graph.target(node, EdgeType::Internal, "map");
    let variable = if scope == 0 { thing } else { hops[scope - 1].node };
    let mut around = closures_within(graph, retainers, hops[scope].node);
    around.extend(hops[..scope].iter().flat_map(|hop| methods(graph, hop.node)));
    let shapes: Vec<NodeIdx> =
        [hops.first().map(|hop| hop.node), Some(variable)].into_iter().flatten().filter_map(shape).collect();
    let deals = |&f: &NodeIdx| shapes.iter().any(|&shape| feedback::notes(graph, f, shape));
    let dealing: Vec<NodeIdx> = distinct(around.into_iter()).into_iter().filter(deals).collect();
    let (mut first, rest): (Vec<_>, Vec<_>) = dealing.into_iter().partition(|&f| feedback::adds(graph, f));
    first.extend(rest);
    first
}

fn methods(graph: &Graph, thing: NodeIdx) -> impl Iterator<Item = NodeIdx> {
    let prototype = graph.target(thing, EdgeType::Property, "__proto__");
    let own = prototype.into_iter().flat_map(|prototype| graph.edges(prototype).take(MOST));
    let is_method = |edge: &Edge<'_>| {
        edge.kind == EdgeType::Property
            && edge.name != EdgeName::Name("constructor")
            && graph.node_type(edge.to) == NodeType::Closure
    };
    own.filter(is_method).map(|edge| edge.to)
}

/// The functions whose variables live in `scope`.
fn closures_over(graph: &Graph, retainers: &Retainers, scope: NodeIdx) -> Vec<NodeIdx> {
    users_of(graph, retainers, scope, "context").filter(|&node| graph.node_type(node) == NodeType::Closure).collect()
}

/// The same, and those whose own scope lies within it.
fn closures_within(graph: &Graph, retainers: &Retainers, scope: NodeIdx) -> Vec<NodeIdx> {
    let mut scopes = vec![scope];
    let mut at = 0;
    while at < scopes.len() && scopes.len() < SCOPES {
        let inner = users_of(graph, retainers, scopes[at], "previous").take(SCOPES);
        let inner: Vec<NodeIdx> = inner.filter(|node| !scopes.contains(node)).collect();
        scopes.extend(inner);
        at += 1;
    }
    scopes.into_iter().flat_map(|scope| closures_over(graph, retainers, scope)).take(MOST).collect()
}

fn users_of<'a>(
    graph: &'a Graph,
    retainers: &'a Retainers,
    scope: NodeIdx,
    by: &'a str,
) -> impl Iterator<Item = NodeIdx> + 'a {
    let users = retainers.of(scope).take(MOST);
    users.filter(move |&(_, edge)| graph.edge(edge).name == EdgeName::Name(by)).map(|(node, _)| node)
}
