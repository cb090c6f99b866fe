//! What a step of a way to the root costs, so that the cheapest way is the one that a person would tell.
//!
//! Names from the program cost little, V8's own links more, and roots that come and go so much that any other way is taken first. Texts are looked
//! at once: after that a name is a number.

use rustc_hash::{FxHashMap, FxHashSet};

use super::essential::weak_entries;
use super::graph::{Graph, Link};
use super::kinds::{EdgeType, NodeType};
use super::units::NodeIdx;

/// More than any sensible way costs in all.
const FLEETING: u32 = 1_000_000;

#[derive(Debug)]
pub(super) struct Prices {
    /// Numbers of names by which a class holds a thing more than an instance does: nobody's idea of an owner.
    of_classes: FxHashSet<u32>,
    /// Those of the storage of an object's own contents, and of a function's scope.
    of_storage: FxHashSet<u32>,
    /// Those of the entries of weak maps, with the id of their table.
    weak_entries: FxHashMap<u32, u64>,
}

impl Prices {
    pub fn of(graph: &Graph) -> Prices {
        let (mut of_classes, mut of_storage) = (FxHashSet::default(), FxHashSet::default());
        for (number, name) in graph.strings.iter() {
            match name {
                "__proto__" | "constructor" | "prototype" => of_classes.insert(number),
                "elements" | "properties" | "table" | "context" | "previous" => of_storage.insert(number),
                _ => false,
            };
        }
        Prices { of_classes, of_storage, weak_entries: weak_entries(graph) }
    }

    /// What all steps up to `node` have in common.
    #[inline]
    pub fn holder<'p>(&'p self, graph: &'p Graph, node: NodeIdx) -> Holder<'p> {
        Holder { prices: self, graph, node, extra: extra(graph, node) }
    }
}

/// A node that steps lead up to.
pub(super) struct Holder<'p> {
    prices: &'p Prices,
    graph: &'p Graph,
    node: NodeIdx,
    extra: u32,
}

impl Holder<'_> {
    /// What it costs to go up by an edge of this node's, or nothing if the edge holds nothing.
    #[inline]
    pub fn price(&self, link: &Link) -> Option<u32> {
        if self.node == link.to {
            return None;
        }
        let number = || self.graph.edges.name_or_index(link.index.row());
        let by_edge = match link.kind {
            EdgeType::Weak => return None,
            EdgeType::Shortcut if self.node != self.graph.root() => return None,
            // What the root calls a global is the best end of all.
            EdgeType::Shortcut => 0,
            EdgeType::Element => 10,
            EdgeType::Context | EdgeType::Property if self.prices.of_classes.contains(&number()) => 30,
            EdgeType::Context | EdgeType::Property => 10,
            EdgeType::Internal => self.of_internal(number()),
            EdgeType::Hidden | EdgeType::Other => 30,
        };
        Some(by_edge + self.extra)
    }

    fn of_internal(&self, name: u32) -> u32 {
        if self.prices.of_storage.contains(&name) {
            return 10;
        }
        // Held by the table of a weak map, which lets go when its key does.
        let table = self.prices.weak_entries.get(&name);
        if table.is_some_and(|&table| table == self.graph.id(self.node)) { 200 } else { 20 }
    }
}

/// Extra for going through `node`: things that hold by accident.
fn extra(graph: &Graph, node: NodeIdx) -> u32 {
    match graph.node_type(node) {
        NodeType::Synthetic => match graph.name(node) {
            // Gone when the running functions return; the snapshotter's own frame is among them.
            "(Stack roots)" | "(Handle scope)" | "C++ native stack roots" | "(Micro tasks)" => FLEETING,
            "(Compilation cache)" | "(Debugger)" | "(Relocatable)" | "(Traced handles)" => 200,
            _ => 10,
        },
        // Feedback, hidden classes and compiled code hold what they have seen.
        NodeType::Code | NodeType::ObjectShape => 40,
        NodeType::Hidden => 20,
        _ => 0,
    }
}
