//! Causes, one rule in each file, asked in order: the first that holds is the most specific.
//!
//! A rule looks at what piles up and at the way by which it is held; it names the holder as people know it, says what it takes
//! to be true, and what would show that it is not.

mod async_store;
mod closure;
mod collection;
mod connection;
mod listener;
mod promise;
mod timer;
mod weak_map;

pub use connection::is_connection;

use super::carrier;
use super::path::{self, Hop};
use super::role;
use super::verdict::{Captured, Cause, Details, Holder};
use crate::heap::{EdgeName, EdgeType, Graph, NodeIdx, NodeType, Retainers};
use crate::redact::is_placeholder;

/// What a rule may look at.
pub struct Scene<'a> {
    pub graph: &'a Graph,
    pub retainers: &'a Retainers,
    /// One of the things that pile up, for all of them.
    pub instance: NodeIdx,
    /// The class that the answer names.
    pub class: &'a str,
    /// The class of the topmost things that pile up: the same, or what carries it (a closure, a timer).
    pub root: &'a str,
    /// From whoever holds the instance upwards.
    pub hops: &'a [Hop],
    /// The first hop that does not itself pile up; the number of hops where all of them do.
    pub holder: usize,
    pub swells: bool,
    /// Whether a node is one of those that become more.
    pub piles: &'a dyn Fn(NodeIdx) -> bool,
    /// What the function that piles up, if one does, closes over.
    pub captured: &'a [Captured],
}

#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub cause: Cause,
    pub kind: &'static str,
    pub holder: Holder,
    pub hypothesis: String,
    pub would_refute: String,
    pub details: Details,
}

type Rule = fn(&Scene<'_>) -> Option<Finding>;

const RULES: &[Rule] = &[
    listener::rule,
    timer::rule,
    connection::rule,
    promise::rule,
    async_store::rule,
    closure::rule,
    weak_map::rule,
    collection::rule,
];

#[cfg(test)]
mod causes_tests;

pub fn find(scene: &Scene<'_>) -> Finding {
    RULES.iter().find_map(|rule| rule(scene)).unwrap_or_else(|| Finding {
        cause: Cause::Other,
        kind: "unknown",
        holder: scene.holder(),
        hypothesis: format!("more and more {} stay reachable", scene.class),
        would_refute: format!("the number of {} stays flat when the same load goes on for longer", scene.class),
        details: Details::default(),
    })
}

impl<'a> Scene<'a> {
    /// Those that pile up, from the instance to the holder.
    pub fn piling(&self) -> &'a [Hop] {
        &self.hops[..self.holder.min(self.hops.len())]
    }

    pub fn holding(&self) -> &'a [Hop] {
        &self.hops[self.holder.min(self.hops.len())..]
    }

    /// Does something of this class pile up here? Carriers are asked about without their function.
    pub fn piles_up(&self, class: impl Fn(&str) -> bool) -> bool {
        class(carrier::base(self.root)) || class(self.class) || self.piling_node(class).is_some()
    }

    /// The nearest thing of this class on the way up to the holder, the instance among them.
    pub fn piling_node(&self, class: impl Fn(&str) -> bool) -> Option<NodeIdx> {
        let own = role::class(self.graph, self.instance);
        if class(carrier::base(&own)) {
            return Some(self.instance);
        }
        self.piling().iter().find(|hop| class(carrier::base(&hop.class))).map(|hop| hop.node)
    }

    /// The holder with the nearest name from the source that leads to it.
    pub fn holder(&self) -> Holder {
        let holding = self.holding();
        match holding.first() {
            // What piles up hangs on a variable without a container: a list whose head the variable is.
            Some(scope) if scope.class.starts_with(role::CONTEXT) => {
                Holder { class: self.root.to_string(), name: scope.name().map(str::to_string) }
            }
            Some(first) => Holder { class: first.class.clone(), name: name_of(holding) },
            None => Holder { class: "(GC roots)".to_string(), name: None },
        }
    }

    /// Who else holds `node`: the first whose class is not among those that hold such things by their nature, with its name.
    pub fn held_by(&self, node: NodeIdx, known: impl Fn(&str) -> bool) -> Option<Holder> {
        let others = path::holders(self.graph, self.retainers, node);
        let hop = others.into_iter().find(|hop| {
            let class = carrier::base(&hop.class);
            !path::is_root(self.graph, hop.node)
                && !class.starts_with(role::CONTEXT)
                && !role::is_function_class(class)
                && !known(class)
        })?;
        let class = hop.class.clone();
        let mut way = vec![hop];
        way.extend(path::hops(self.graph, self.retainers, way[0].node));
        Some(Holder { class, name: name_of(&way) })
    }

    /// Each that piles up keeps these variables: a half-sentence, or nothing.
    pub fn keeps(&self) -> String {
        match super::captures::in_words(self.captured) {
            Some(variables) => format!("each keeps its variable {variables}"),
            None => "each keeps what its function refers to".to_string(),
        }
    }
}

/// The name that leads to the first of `hops`: an index says nothing, so look a little higher.
pub fn name_of(hops: &[Hop]) -> Option<String> {
    const HIGHEST: usize = 4;
    // A key that was redacted is no name.
    let says_something = |hop: &&Hop| hop.name().is_some_and(|name| !is_placeholder(name));
    let mut names = hops.iter().skip(1).take(HIGHEST).filter(says_something);
    let first = names.next()?;
    let name = first.name()?;
    // A controller's signal is known by the controller.
    if name.trim_start_matches('#') == "signal"
        && let Some(above) = names.next().and_then(Hop::name)
    {
        return Some(format!("{above}.signal"));
    }
    Some(name.to_string())
}

/// `Array logs`, or only `Array`.
pub fn named(holder: &Holder) -> String {
    match &holder.name {
        Some(name) if holder.class == *name => format!("`{name}`"),
        Some(name) => format!("the {} `{name}`", holder.class),
        // `process`, `globalThis`: there is one of them.
        None if holder.class.starts_with(|c: char| c.is_lowercase()) => format!("`{}`", holder.class),
        None if holder.class.starts_with(['A', 'E', 'I', 'O']) => format!("an {}", holder.class),
        None => format!("a {}", holder.class),
    }
}

/// `node` as a holder, by the variable or property by which something holds it that does not pile up itself. A thousand sockets know
/// their server as well, and the module that made it is who names it.
pub fn holder_of(scene: &Scene<'_>, node: NodeIdx) -> Holder {
    const MOST: usize = 4096;
    let class = role::class(scene.graph, node).into_owned();
    let named = scene.retainers.of(node).take(MOST).filter_map(|(from, edge)| match scene.graph.edge(edge) {
        edge if !role::names(edge.kind) || (scene.piles)(from) => None,
        edge => match edge.name {
            EdgeName::Name(name) if !is_placeholder(name) => Some((edge.kind != EdgeType::Context, name)),
            _ => None,
        },
    });
    // Of several the variable, and then the first.
    let name = named.min_by_key(|&(is_property, _)| is_property).map(|(_, name)| name.to_string());
    Holder { class, name }
}

/// The text of the key under which `map` keeps `value`, where it is text and not redacted. V8 writes a table's slots by number,
/// each key in front of its value.
pub fn map_key(graph: &Graph, map: NodeIdx, value: NodeIdx) -> Option<&str> {
    let table = graph.target(map, EdgeType::Internal, "table")?;
    let slot = |edge: EdgeName<'_>| match edge {
        EdgeName::Name(name) => name.parse::<u32>().ok(),
        EdgeName::Index(index) => Some(index),
    };
    let at = graph.edges(table).find(|edge| edge.to == value).and_then(|edge| slot(edge.name))?;
    let key = graph.edges(table).find(|edge| slot(edge.name).is_some_and(|slot| slot + 1 == at))?.to;
    text(graph, key)
}

/// A string's text, unless it is redacted.
pub fn text(graph: &Graph, node: NodeIdx) -> Option<&str> {
    Some(graph.name(node))
        .filter(|text| graph.node_type(node) == NodeType::String && !text.is_empty() && !is_placeholder(text))
}
