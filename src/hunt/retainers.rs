//! Who holds the objects of a class, or one object: retainers grouped by class and edge, level by level, and one path to a root.

use super::descent::{Tree, Visit};
use super::files::{Aborted, FileProgress, HuntError, open};
use super::path;
use super::place;
use super::role::{self, Role};
use super::verdict::{Location, PathStep, SnapshotFacts, VERSION};
use crate::heap::{Dominators, EdgeType, Graph, NodeIdx, NodeType, Retainers};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// Levels of the tree, branches at each, and objects that one branch looks at.
const DEEP: usize = 6;
const BRANCHES: usize = 5;
const MOST: usize = 200_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    pub version: u32,
    pub snapshot: SnapshotFacts,
    pub selector: String,
    pub class: String,
    pub count: u64,
    pub shallow_bytes: u64,
    pub retained_bytes: u64,
    pub tree: Vec<Branch>,
    pub example: Example,
}

/// Retainers of one class that hold by one edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Branch {
    pub edge: String,
    pub edge_type: String,
    pub class: String,
    /// How many retainers, and how many of the objects above they hold.
    pub retainers: u64,
    pub holds: u64,
    /// An id to go on with, where there is a single retainer.
    pub id: Option<u64>,
    pub location: Option<Location>,
    pub tree: Vec<Branch>,
}

/// The object that retains most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Example {
    pub id: u64,
    pub retained_bytes: u64,
    pub path: Vec<PathStep>,
    pub location: Option<Location>,
}

impl Held {
    pub fn locations(&mut self) -> Vec<&mut Location> {
        let mut found: Vec<&mut Location> = self.example.location.iter_mut().collect();
        let mut open: Vec<&mut Branch> = self.tree.iter_mut().collect();
        while let Some(branch) = open.pop() {
            found.extend(branch.location.iter_mut());
            open.extend(branch.tree.iter_mut());
        }
        found
    }
}

pub fn retainers_in_file(
    file: &Path,
    selector: &str,
    aborted: &Aborted,
    tell: &mut dyn FnMut(FileProgress<'_>),
) -> Result<Held, HuntError> {
    let graph = open(file, aborted, tell)?;
    let facts = SnapshotFacts::of(file, &graph);
    held(&graph, facts, selector)
        .ok_or_else(|| HuntError::NoMatch { path: file.to_path_buf(), selector: selector.to_string() })
}

/// `selector` is a class name, or `@` and an object's id. `None` when nothing that is reachable matches.
pub fn held(graph: &Graph, snapshot: SnapshotFacts, selector: &str) -> Option<Held> {
    held_in(graph, &Tree::of(graph), &Retainers::compute(graph), snapshot, selector)
}

/// The same for whoever has the dominators and the retainers already.
pub fn held_in(
    graph: &Graph,
    tree: &Tree,
    retainers: &Retainers,
    snapshot: SnapshotFacts,
    selector: &str,
) -> Option<Held> {
    let dominators = &tree.dominators;
    let matching = select(graph, dominators, selector);
    let largest = *matching.iter().max_by_key(|&&node| dominators.retained(node))?;
    let hops = path::hops(graph, retainers, largest);
    let set: FxHashSet<NodeIdx> = matching.iter().copied().collect();
    let mut seen = set.clone();
    Some(Held {
        version: VERSION,
        snapshot,
        selector: selector.to_string(),
        class: graph.class_name(largest).to_string(),
        count: matching.len() as u64,
        shallow_bytes: matching.iter().map(|&node| graph.self_size(node).0).sum(),
        retained_bytes: retained_together(tree, &set),
        tree: branches(graph, retainers, &matching, &mut seen, DEEP),
        example: Example {
            id: graph.id(largest),
            retained_bytes: dominators.retained(largest).0,
            location: place::of_function(graph, largest).or_else(|| place::of_thing(graph, retainers, largest, &hops)),
            path: hops.iter().map(|hop| hop.step(graph)).collect(),
        },
    })
}

fn select(graph: &Graph, dominators: &Dominators, selector: &str) -> Vec<NodeIdx> {
    let id = selector.strip_prefix('@').and_then(|id| id.parse::<u64>().ok());
    // The prototype of a class is named like its instances, and is one object that nobody means.
    let is_prototype = |node: NodeIdx| graph.target(node, EdgeType::Property, "constructor").is_some();
    let by_class = |node: NodeIdx| {
        role::role(graph, node) != Role::Machinery && graph.class_name(node) == selector && !is_prototype(node)
    };
    graph
        .nodes()
        .filter(|&node| dominators.is_reachable(node) && id.map_or_else(|| by_class(node), |id| graph.id(node) == id))
        .collect()
}

/// What goes when all of them go: an object within another one is not counted twice.
fn retained_together(tree: &Tree, set: &FxHashSet<NodeIdx>) -> u64 {
    let (mut total, mut inside) = (0u64, 0u32);
    tree.descend(|visit| match visit {
        Visit::Enter(node) if set.contains(&node) => {
            if inside == 0 {
                total = total.saturating_add(tree.dominators.retained(node).0);
            }
            inside += 1;
        }
        Visit::Leave(node) if set.contains(&node) => inside -= 1,
        _ => {}
    });
    total
}

struct Group {
    retainers: FxHashSet<NodeIdx>,
    holds: u64,
    kind: EdgeType,
}

fn branches(
    graph: &Graph,
    retainers: &Retainers,
    nodes: &[NodeIdx],
    seen: &mut FxHashSet<NodeIdx>,
    deep: usize,
) -> Vec<Branch> {
    if deep == 0 {
        return Vec::new();
    }
    let mut groups: HashMap<(String, String), Group> = HashMap::new();
    for &node in nodes.iter().take(MOST) {
        for hop in path::holders(graph, retainers, node) {
            // Our own stack, while the snapshot was taken, holds whatever it looks at.
            if seen.contains(&hop.node) || hop.class.contains("Stack roots") {
                continue;
            }
            let edge = if hop.name().is_some() || hop.edge.parse::<u32>().is_err() {
                hop.edge
            } else {
                role::ENTRY.to_string()
            };
            let group = groups.entry((edge, hop.class)).or_insert_with(|| Group {
                retainers: FxHashSet::default(),
                holds: 0,
                kind: hop.kind,
            });
            group.holds += 1;
            group.retainers.insert(hop.node);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|a, b| (b.1.holds, &a.0).cmp(&(a.1.holds, &b.0)));
    groups.truncate(BRANCHES);
    groups
        .into_iter()
        .map(|((edge, class), group)| {
            let mut next: Vec<NodeIdx> = group.retainers.into_iter().collect();
            next.sort();
            seen.extend(next.iter().copied());
            let single = (next.len() == 1 && !path::is_root(graph, next[0])).then(|| next[0]);
            let deeper = if next.iter().all(|&node| path::is_root(graph, node)) { 0 } else { deep - 1 };
            Branch {
                edge,
                edge_type: group.kind.name().to_string(),
                class,
                retainers: next.len() as u64,
                holds: group.holds,
                id: single.map(|node| graph.id(node)),
                location: next
                    .first()
                    .filter(|&&node| graph.node_type(node) == NodeType::Closure)
                    .and_then(|&node| place::of_function(graph, node)),
                tree: branches(graph, retainers, &next, seen, deeper),
            }
        })
        .collect()
}
