//! Which edges keep their targets alive, in the meaning that DevTools gives to "retained".

use rustc_hash::FxHashMap;

use super::graph::Graph;
use super::kinds::{EdgeType, NodeType};
use super::units::{EdgeIdx, NodeIdx};

/// Tells essential edges from the rest. Not essential are
///
/// - weak edges, and edges from a node to itself;
/// - shortcuts, except at the root, where they mark the global objects;
/// - the edge from a `WeakMap`'s table to a value, since the key has one too and either end could let go;
/// - edges from what no global object reaches (handles, the stack, V8's own tables) to what one does: else everything
///   that a debugger or V8 happens to touch would seem to be held by the root itself.
pub(super) struct EssentialEdges<'g> {
    graph: &'g Graph,
    from_globals: BitSet,
    /// Name number of the edges of weak map entries, with the id of their table.
    weak_entries: FxHashMap<u32, u64>,
}

impl<'g> EssentialEdges<'g> {
    pub fn new(graph: &'g Graph) -> EssentialEdges<'g> {
        let weak_entries =
            graph.strings.iter().filter_map(|(number, name)| Some((number, weak_map_table(name)?))).collect();
        EssentialEdges { graph, from_globals: reached_from_globals(graph), weak_entries }
    }

    #[inline]
    pub fn holds(&self, from: NodeIdx, edge: EdgeIdx) -> bool {
        let to = NodeIdx(self.graph.edges.to(edge.row()));
        if from == to {
            return false;
        }
        match self.graph.edges.kind(edge.row()) {
            EdgeType::Weak => return false,
            EdgeType::Internal if self.is_of_table(from, edge) => return false,
            EdgeType::Shortcut if from != self.graph.root() => return false,
            _ => {}
        }
        from == self.graph.root() || self.from_globals.has(from.row()) || !self.from_globals.has(to.row())
    }

    fn is_of_table(&self, from: NodeIdx, edge: EdgeIdx) -> bool {
        // Most heaps have few of these or none: skip the look-up then.
        !self.weak_entries.is_empty()
            && self.weak_entries.get(&self.graph.edges.name_or_index(edge.row())) == Some(&self.graph.id(from))
    }
}

/// The id of the table in an edge name such as
/// `12 / part of key (Key @7) -> value (Value @9) pair in WeakMap (table @11)`.
pub(super) fn weak_map_table(name: &str) -> Option<u64> {
    let (entry, table) = name.strip_suffix(')')?.rsplit_once(" pair in WeakMap (table @")?;
    let (number, pair) = entry.split_once(" / part of key (")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && pair.contains(") -> value (") { table.parse().ok() } else { None }
}

/// Everything that the root's global objects reach by edges that are not weak.
fn reached_from_globals(graph: &Graph) -> BitSet {
    let mut reached = BitSet::new(graph.node_count());
    let is_entry = |kind, to| match kind {
        EdgeType::Shortcut => true,
        // Browsers only.
        EdgeType::Element => graph.node_type(to) == NodeType::Synthetic && graph.name(to) == "(Document DOM trees)",
        _ => false,
    };
    let mut open: Vec<NodeIdx> =
        graph.edges(graph.root()).filter(|edge| is_entry(edge.kind, edge.to)).map(|edge| edge.to).collect();
    for node in &open {
        reached.add(node.row());
    }
    while let Some(node) = open.pop() {
        for row in graph.edge_rows(node) {
            let to = graph.edges.to(row as usize);
            if graph.edges.kind(row as usize) != EdgeType::Weak && reached.add(to as usize) {
                open.push(NodeIdx(to));
            }
        }
    }
    reached
}

/// One bit for each node.
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
