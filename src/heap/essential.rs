//! Which edges keep their targets alive, in the meaning that DevTools gives to "retained".

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::Graph;
use super::kinds::EdgeType;
use super::units::NodeIdx;

/// Tells essential edges from the rest. Not essential are
///
/// - weak edges, and edges from a node to itself;
/// - shortcuts, except at the root, where they mark the global objects;
/// - the edge from a `WeakMap`'s table to a value, since the key has one too and either end could let go;
/// - edges from what no global object reaches (handles, the stack, V8's own tables) to what one does: else everything
///   that a debugger or V8 happens to touch would seem to be held by the root itself. Only a walk can tell these, so they are
///   left to [`Numbering`](super::numbering::Numbering).
pub(super) struct EssentialEdges<'g> {
    graph: &'g Graph,
    /// Name number of the edges of weak map entries, with the id of their table.
    weak_entries: FxHashMap<u32, u64>,
    /// The nodes with such an id. Few, so that the names of nearly all nodes' edges need not be looked up.
    tables: BitSet,
}

impl<'g> EssentialEdges<'g> {
    pub fn new(graph: &'g Graph) -> EssentialEdges<'g> {
        let weak_entries = weak_entries(graph);
        let mut tables = BitSet::new(graph.node_count());
        if !weak_entries.is_empty() {
            let ids: FxHashSet<u64> = weak_entries.values().copied().collect();
            for node in graph.nodes().filter(|node| ids.contains(&graph.id(*node))) {
                tables.add(node.row());
            }
        }
        EssentialEdges { graph, weak_entries, tables }
    }

    /// What all edges of one node have in common.
    #[inline(always)]
    pub fn holder(&self, node: NodeIdx) -> Holder<'_> {
        Holder { all: self, node, is_root: node == self.graph.root(), is_table: self.tables.has(node.row()) }
    }
}

/// Where an edge leads.
pub(super) enum Target {
    /// To what it holds, as far as the edge itself can tell.
    Held(NodeIdx),
    /// To what it does not hold, but something else that is as much in use.
    Passed(NodeIdx),
    Nothing,
}

/// A node, about to be asked about its edges.
pub(super) struct Holder<'e> {
    all: &'e EssentialEdges<'e>,
    node: NodeIdx,
    is_root: bool,
    is_table: bool,
}

impl Holder<'_> {
    #[inline(always)]
    pub fn target(&self, row: u32) -> Target {
        let edges = &self.all.graph.edges;
        let to = NodeIdx(edges.to(row as usize));
        let holds = match edges.kind(row as usize) {
            EdgeType::Weak => return Target::Nothing,
            EdgeType::Shortcut => self.is_root,
            EdgeType::Internal => !(self.is_table && self.is_weak_entry(row)),
            _ => true,
        };
        match holds {
            _ if to == self.node => Target::Nothing,
            true => Target::Held(to),
            false => Target::Passed(to),
        }
    }

    #[cold]
    fn is_weak_entry(&self, row: u32) -> bool {
        let table = self.all.weak_entries.get(&self.all.graph.edges.name_or_index(row as usize));
        table == Some(&self.all.graph.id(self.node))
    }
}

/// The names of the entries of weak maps, by number, each with the id of its table.
pub(super) fn weak_entries(graph: &Graph) -> FxHashMap<u32, u64> {
    graph.strings.iter().filter_map(|(number, name)| Some((number, weak_map_table(name)?))).collect()
}

/// The id of the table in an edge name such as
/// `12 / part of key (Key @7) -> value (Value @9) pair in WeakMap (table @11)`.
pub fn weak_map_table(name: &str) -> Option<u64> {
    // Most names are no entry, and most of them show it at once; of entries there can be a million.
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let (entry, table) = name.strip_suffix(')')?.rsplit_once('@')?;
    let pair = entry[digits..].strip_prefix(" / part of key (")?.strip_suffix(" pair in WeakMap (table ")?;
    if pair.contains(") -> value (") { table.parse().ok() } else { None }
}

/// One bit for each node.
#[derive(Clone, Debug)]
pub(super) struct BitSet(Vec<u64>);

impl BitSet {
    pub fn new(len: usize) -> BitSet {
        BitSet(vec![0; len.div_ceil(64)])
    }

    #[inline]
    pub fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 != 0
    }

    /// True if it was not there before.
    #[inline]
    pub fn add(&mut self, at: usize) -> bool {
        let word = &mut self.0[at / 64];
        let bit = 1 << (at % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_map_entries_are_known_by_their_name() {
        let name = "12 / part of key (Key @7) -> value (Odd (name) @9) pair in WeakMap (table @11)";
        assert_eq!(weak_map_table(name), Some(11));
        for other in ["table", "", "x / part of key (a) -> value (b) pair in WeakMap (table @1)", &name[..70]] {
            assert_eq!(weak_map_table(other), None, "{other}");
        }
    }
}
