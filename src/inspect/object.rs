//! Answers about one object: what it holds, who holds it, why it is alive.

use super::answer::{Child, Children, Field, Holders, HoldingEdge, Scope, Shown, Ways};
use super::error::InspectError;
use super::page::{Page, Part};
use super::thing::{Thing, cut};
use super::{Inspection, question};
use crate::heap::{Bytes, ClassKey, Edge, EdgeIdx, EdgeName, EdgeType, NodeIdx, NodeType, Step, paths_to_root, scopes};
use crate::hunt::path;
use crate::hunt::retainers::{Held, held_in};
use crate::hunt::verdict::{Location, PathStep, SnapshotFacts};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;

/// Scopes of a function that are shown, and ways to a root that are looked for.
const SCOPES: usize = 16;
const WAYS: u64 = 20;

impl Inspection {
    pub(super) fn show(&self, node: NodeIdx, part: Part) -> Shown {
        let mut edges: Vec<Edge<'_>> = self.graph.edges(node).collect();
        let scopes_shown = if self.has_scopes(node) {
            let line = |scope| Scope { id: self.graph.id(scope), variables: self.variables(scope, part.limit) };
            scopes(&self.graph, node).take(SCOPES).map(line).collect()
        } else {
            Vec::new()
        };
        Shown {
            object: self.thing(node),
            reachable: self.tree.dominators.is_reachable(node),
            dominator: self.tree.dominators.idom(node).map(|node| self.thing(node)),
            location: self.place(node),
            fields: part.of_unsorted(&mut edges, |edge| (rank(edge.kind), edge.index), |edge| self.field(edge)),
            scopes: scopes_shown,
        }
    }

    fn has_scopes(&self, node: NodeIdx) -> bool {
        self.graph.node_type(node) == NodeType::Closure || self.graph.name(node).starts_with("system / Context")
    }

    fn variables(&self, scope: NodeIdx, limit: u64) -> Page<Field> {
        let edges: Vec<Edge<'_>> = self.graph.edges(scope).filter(|edge| edge.kind == EdgeType::Context).collect();
        Part { offset: 0, limit }.of(&edges, |edge| self.field(edge))
    }

    fn field(&self, edge: &Edge<'_>) -> Field {
        Field { edge: edge_text(edge.name), edge_type: edge.kind.name().to_owned(), object: self.thing(edge.to) }
    }

    fn place(&self, node: NodeIdx) -> Option<Location> {
        let found = self.scripts().origin(&self.graph, node)?;
        let function = if found.function.is_empty() { "(anonymous)".to_owned() } else { cut(&found.function) };
        Some(Location { function, script: cut(&found.script), line: found.line, column: found.column, generated: None })
    }

    pub(super) fn holders(&self, node: NodeIdx, part: Part) -> Holders {
        let mut edges: Vec<(NodeIdx, EdgeIdx)> = self.retainers().of(node).collect();
        let page = part.of_unsorted(
            &mut edges,
            |&(_, edge)| (rank(self.graph.edge(edge).kind), edge),
            |&(holder, edge)| {
                let edge = self.graph.edge(edge);
                HoldingEdge {
                    edge: edge_text(edge.name),
                    edge_type: edge.kind.name().to_owned(),
                    object: self.thing(holder),
                }
            },
        );
        Holders { object: self.thing(node), page }
    }

    pub(super) fn retainers_of(&self, selector: &str) -> Result<Held, InspectError> {
        if let Some(id) = selector.strip_prefix('@').and_then(|id| id.parse().ok()) {
            let node = self.find(question::ObjectId(id))?;
            if !self.tree.dominators.is_reachable(node) {
                return Err(InspectError::Unreachable(selector.to_owned()));
            }
        }
        let facts = SnapshotFacts::of(&self.path, &self.graph);
        held_in(&self.graph, &self.tree, self.retainers(), facts, selector)
            .ok_or_else(|| InspectError::NoMatch(cut(selector)))
    }

    pub(super) fn children(&self, node: NodeIdx, by_class: bool, part: Part) -> Children {
        let all = self.tree.children.of(node);
        let page = if by_class {
            let mut classes: FxHashMap<ClassKey, (u64, Bytes, Bytes)> = FxHashMap::default();
            for child in all {
                let (count, shallow, retained) = classes.entry(self.graph.class_key(child)).or_default();
                *count += 1;
                *shallow += self.sizes.of(child);
                *retained += self.tree.dominators.retained(child);
            }
            let mut rows: Vec<_> = classes.into_iter().collect();
            part.of_unsorted(
                &mut rows,
                |&(class, (_, _, retained))| (Reverse(retained), class),
                |&(class, (count, shallow, retained))| Child {
                    class: cut(self.graph.class_text(class)),
                    count,
                    shallow_bytes: shallow.0,
                    retained_bytes: retained.0,
                    id: None,
                    name: None,
                },
            )
        } else {
            let Page { total, offset, rows } = self.largest(all.collect(), part);
            Page { total, offset, rows: rows.into_iter().map(Child::from).collect() }
        };
        Children { object: self.thing(node), by_class, page }
    }

    pub(super) fn ways(&self, node: NodeIdx, most: u64, full: bool) -> Ways {
        let ways = if most <= 1 && !full {
            // A single way is told with the care that a verdict's is.
            let hops = path::hops(&self.graph, self.retainers(), node);
            if hops.is_empty() { Vec::new() } else { vec![hops.iter().map(|hop| hop.step(&self.graph)).collect()] }
        } else {
            let found = paths_to_root(&self.graph, self.retainers(), node, most.clamp(1, WAYS) as usize);
            let told = |way: Vec<Step>| -> Vec<PathStep> {
                if full {
                    way.iter().map(|step| self.step(step)).collect()
                } else {
                    path::hops_of(&self.graph, node, way).iter().map(|hop| hop.step(&self.graph)).collect()
                }
            };
            found.into_iter().map(told).collect()
        };
        Ways { object: self.thing(node), full, ways }
    }

    fn step(&self, step: &Step) -> PathStep {
        let edge = self.graph.edge(step.edge);
        PathStep {
            edge: edge_text(edge.name),
            edge_type: edge.kind.name().to_owned(),
            class: cut(self.graph.class_name(step.node)),
            id: self.graph.id(step.node),
        }
    }
}

impl From<Thing> for Child {
    fn from(thing: Thing) -> Self {
        let Thing { id, class, name, shallow_bytes, retained_bytes } = thing;
        Child { class, count: 1, shallow_bytes, retained_bytes, id: Some(id), name }
    }
}

/// What a program wrote comes first, then V8's own links, then what holds nothing.
fn rank(kind: EdgeType) -> u8 {
    match kind {
        EdgeType::Property | EdgeType::Element | EdgeType::Context => 0,
        EdgeType::Internal | EdgeType::Hidden | EdgeType::Other => 1,
        EdgeType::Shortcut => 2,
        EdgeType::Weak => 3,
    }
}

fn edge_text(name: EdgeName<'_>) -> String {
    match name {
        EdgeName::Index(index) => index.to_string(),
        EdgeName::Name(name) => cut(name),
    }
}
