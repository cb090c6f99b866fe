//! The way from a thing to the root that keeps it, told in the program's own names.
//!
//! The graph's shortest path goes through elements arrays, hash tables and property stores; people know arrays, maps and objects. So insides are
//! left out, and the steps of a path are things, each of which holds the one before it.

use super::role::{self, Role};
use super::verdict::PathStep;
use crate::heap::{EdgeName, EdgeType, Graph, NodeIdx, NodeType, Retainers, Step, path_to_root};

/// Steps of a path, be it as long as a heap: its ends tell who holds what.
const LONGEST: usize = 200;

/// A thing that holds the one before it, by `edge`.
#[derive(Debug, Clone)]
pub struct Hop {
    pub node: NodeIdx,
    pub edge: String,
    pub kind: EdgeType,
    pub class: String,
}

impl Hop {
    /// The edge's name, if it stands in the program's source.
    pub fn name(&self) -> Option<&str> {
        role::names(self.kind).then_some(self.edge.as_str())
    }

    pub fn step(&self, graph: &Graph) -> PathStep {
        PathStep {
            edge: self.edge.clone(),
            edge_type: self.kind.name().to_string(),
            class: self.class.clone(),
            id: graph.id(self.node),
        }
    }
}

/// The hops from whoever holds `node` up to a GC root; empty where nothing but weak edges lead to it.
pub fn hops(graph: &Graph, retainers: &Retainers, node: NodeIdx) -> Vec<Hop> {
    let hops = way_up(graph, retainers, node);
    // V8's tables know every short text, and every one outside of its heap, and keep none: whoever else has it is its holder.
    let is_table = |class: &str| class.contains("Internalized strings") || class.contains("External strings");
    if hops.first().is_some_and(|hop| is_table(&hop.class)) {
        let holder = holders(graph, retainers, node).into_iter().find(|hop| !is_root(graph, hop.node));
        if let Some(holder) = holder {
            let above = way_up(graph, retainers, holder.node);
            return [holder].into_iter().chain(above).collect();
        }
    }
    hops
}

fn way_up(graph: &Graph, retainers: &Retainers, node: NodeIdx) -> Vec<Hop> {
    hops_of(graph, node, path_to_root(graph, retainers, node).unwrap_or_default())
}

/// A way that was found already, told the same.
pub fn hops_of(graph: &Graph, node: NodeIdx, way: Vec<Step>) -> Vec<Hop> {
    let mut hops: Vec<Hop> = Vec::new();
    // The edge into the last inside, while the thing that it is the inside of is still to come.
    let mut pending: Option<(String, EdgeType)> = None;
    let mut machinery = None;
    for step in way {
        let edge = graph.edge(step.edge);
        let this = (edge_text(edge.name), edge.kind);
        // Of the edges around an inside the one that stands in the source is wanted, else the innermost.
        let (edge, kind) = match pending.take() {
            Some(inner) if !role::names(this.1) || role::names(inner.1) => inner,
            _ => this,
        };
        if is_root(graph, step.node) {
            hops.push(Hop { node: step.node, edge, kind, class: root_class(graph, step.node) });
            break;
        }
        match role::role(graph, step.node) {
            Role::Thing | Role::Value => {
                let class = role::class(graph, step.node).into_owned();
                let edge = if kind == EdgeType::Internal && matches!(&*class, "Map" | "Set") {
                    "entry".to_string()
                } else {
                    edge
                };
                hops.push(Hop { node: step.node, edge, kind, class });
            }
            Role::Inside | Role::Machinery => {
                pending = Some((edge, kind));
                machinery = Some(step.node);
            }
        }
    }
    // What Node's own C++ objects hold has no other root than they are.
    if let (Some((edge, kind)), Some(node)) = (pending, machinery)
        && graph.name(node).starts_with("Node / ")
    {
        hops.push(Hop { node, edge, kind, class: format!("(GC roots: {})", graph.name(node)) });
        return finish(hops);
    }
    close(graph, &mut hops, node);
    finish(hops)
}

fn finish(mut hops: Vec<Hop>) -> Vec<Hop> {
    shorten_lists(&mut hops);
    name_scopes(&mut hops);
    hops
}

/// Slots of a hash table have numbers that mean nothing.
fn entry_of(class: &str, kind: EdgeType, edge: String) -> String {
    if kind == EdgeType::Internal && matches!(class, "Map" | "Set") { "entry".to_string() } else { edge }
}

/// A path ends at a root. Global objects and what V8 holds by itself hang from the graph's unnamed root.
fn close(graph: &Graph, hops: &mut Vec<Hop>, node: NodeIdx) {
    let last = hops.last().map_or(node, |hop| hop.node);
    if is_root(graph, last) {
        return;
    }
    if let Some(edge) = graph.edges(graph.root()).find(|edge| edge.to == last && edge.kind != EdgeType::Weak) {
        hops.push(Hop {
            node: graph.root(),
            edge: edge_text(edge.name),
            kind: edge.kind,
            class: root_class(graph, graph.root()),
        });
    }
}

/// Hundreds of neighbours in a list, each held by the next, say no more than the first and the last of them. Of any other way that is very
/// long the middle is left out.
fn shorten_lists(hops: &mut Vec<Hop>) {
    let same = |a: &Hop, b: &Hop| a.class == b.class && a.edge == b.edge && a.kind == b.kind;
    let inner: Vec<bool> = (0..hops.len())
        .map(|i| i > 0 && i + 1 < hops.len() && same(&hops[i - 1], &hops[i]) && same(&hops[i], &hops[i + 1]))
        .collect();
    let mut inner = inner.into_iter();
    hops.retain(|_| !inner.next().unwrap_or(false));
    if hops.len() > LONGEST {
        hops.drain(LONGEST / 2..hops.len() - LONGEST / 2);
    }
}

/// A scope is known by the function that closes over it, which is the next hop more often than not.
fn name_scopes(hops: &mut [Hop]) {
    for i in 0..hops.len().saturating_sub(1) {
        if hops[i].class == role::CONTEXT && role::is_function_class(&hops[i + 1].class) {
            hops[i].class = format!("{} of {}", role::CONTEXT, hops[i + 1].class.trim_start_matches("function "));
        }
    }
}

pub fn is_root(graph: &Graph, node: NodeIdx) -> bool {
    node == graph.root() || graph.node_type(node) == NodeType::Synthetic && graph.name(node).starts_with('(')
}

fn root_class(graph: &Graph, node: NodeIdx) -> String {
    let name = graph.name(node).trim_matches(['(', ')']);
    if name.is_empty() || name == "GC roots" { "(GC roots)".to_string() } else { format!("(GC roots: {name})") }
}

fn edge_text(name: EdgeName<'_>) -> String {
    match name {
        EdgeName::Index(index) => index.to_string(),
        EdgeName::Name(name) => name.to_string(),
    }
}

/// The names of an object's own properties, as far as their values are on the heap.
pub fn property_names(graph: &Graph, node: NodeIdx) -> impl Iterator<Item = &str> {
    graph.edges(node).filter(|edge| edge.kind == EdgeType::Property).filter_map(|edge| match edge.name {
        EdgeName::Name(name) if name != "__proto__" && !name.starts_with('<') => Some(name),
        _ => None,
    })
}

/// The things that hold `node` at once, seen through the insides of theirs; roots stand for machinery.
pub fn holders(graph: &Graph, retainers: &Retainers, node: NodeIdx) -> Vec<Hop> {
    const MOST: usize = 64;
    let mut found: Vec<Hop> = Vec::new();
    let mut inside: Vec<(NodeIdx, Option<(String, EdgeType)>)> = vec![(node, None)];
    let mut looked_at = 0;
    while let Some((at, inner)) = inside.pop() {
        for (holder, edge) in retainers.of(at) {
            looked_at += 1;
            if looked_at > MOST {
                return found;
            }
            let edge = graph.edge(edge);
            if edge.kind == EdgeType::Weak || holder == node {
                continue;
            }
            let this = (edge_text(edge.name), edge.kind);
            let (edge, kind) = inner.clone().filter(|_| !role::names(this.1)).unwrap_or(this);
            match role::role(graph, holder) {
                _ if is_root(graph, holder) => {
                    found.push(Hop { node: holder, edge, kind, class: root_class(graph, holder) })
                }
                Role::Thing | Role::Value if !found.iter().any(|hop| hop.node == holder) => {
                    let class = role::class(graph, holder).into_owned();
                    found.push(Hop { node: holder, edge: entry_of(&class, kind, edge), kind, class });
                }
                Role::Inside if inside.len() < MOST => inside.push((holder, Some((edge, kind)))),
                _ => {}
            }
        }
    }
    found
}
