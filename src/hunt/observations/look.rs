//! One snapshot as the rules see it, with what several of them need.

use super::similar_closures::THOUSANDS;
use crate::heap::{
    ArrayBuffer, ClosureGroup, DuplicateString, Graph, HeldBy, NodeIdx, NodeType, SlicedParent, array_buffers,
    closure_groups, duplicate_pieces, held_by, sliced_parents,
};
use crate::hunt::descent::Tree;
use crate::redact::is_placeholder;
use rustc_hash::FxHashMap;

/// Less than this is not worth a change of code.
pub const MATTERS: u64 = 1 << 20;
/// A string from here on is huge: a thousand of them fill a heap.
pub const HUGE: u64 = 1 << 20;
/// Characters of a string that are shown.
const SHOWN: usize = 40;

/// What can be found out before it is known who dominates whom.
pub struct Findings {
    parents: Vec<SlicedParent>,
    buffers: Vec<ArrayBuffer>,
    duplicates: Vec<DuplicateString>,
    closures: Vec<ClosureGroup>,
    /// What holds the parents and the buffers.
    held: FxHashMap<NodeIdx, HeldBy>,
}

impl Findings {
    pub fn of(graph: &Graph) -> Self {
        let parents = sliced_parents(graph);
        let buffers = array_buffers(graph);
        let wanted = parents.iter().map(|each| each.parent).chain(buffers.iter().map(|each| each.node));
        Findings {
            held: held_by(graph, wanted),
            parents,
            buffers,
            duplicates: duplicate_pieces(graph),
            closures: closure_groups(graph, THOUSANDS),
        }
    }
}

pub struct Look<'a> {
    pub graph: &'a Graph,
    pub tree: &'a Tree,
    /// All objects together.
    pub heap_bytes: u64,
    pub parents: Vec<SlicedParent>,
    pub buffers: Vec<ArrayBuffer>,
    pub duplicates: Vec<DuplicateString>,
    pub closures: Vec<ClosureGroup>,
    /// Strings that are [`HUGE`], of one piece or put together, and no part of another.
    pub huge: Vec<NodeIdx>,
    /// Of all the above.
    held: FxHashMap<NodeIdx, HeldBy>,
}

impl<'a> Look<'a> {
    pub fn at(graph: &'a Graph, tree: &'a Tree, findings: Findings) -> Self {
        let Findings { parents, buffers, duplicates, closures, mut held } = findings;
        let is_text = |node: NodeIdx| matches!(graph.node_type(node), NodeType::String | NodeType::ConsString);
        let is_part = |node| tree.dominators.idom(node).is_some_and(|above| graph.node_type(above).is_string());
        let is_huge = |&node: &NodeIdx| is_text(node) && tree.dominators.retained(node).0 >= HUGE && !is_part(node);
        let huge: Vec<NodeIdx> = graph.nodes().filter(is_huge).collect();
        held.extend(held_by(graph, huge.iter().copied()));
        let heap_bytes = tree.dominators.retained(graph.root()).0;
        Look { graph, tree, heap_bytes, parents, buffers, duplicates, closures, huge, held }
    }

    pub fn held(&self, node: NodeIdx) -> HeldBy {
        self.held.get(&node).copied().unwrap_or_default()
    }

    /// Much in itself, and `percent` of the heap.
    pub fn matters(&self, bytes: u64, percent: u64) -> bool {
        bytes >= MATTERS && bytes >= self.heap_bytes / 100 * percent
    }

    /// The beginning of a string's text; what a redaction has left is short and stays whole.
    pub fn beginning(&self, text: &str) -> String {
        let mut shown: String = text.chars().take(SHOWN).collect();
        if !is_placeholder(text) && text.chars().nth(SHOWN).is_some() {
            shown.push('…');
        }
        shown
    }
}
