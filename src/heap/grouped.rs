//! A graph from a source that knows all nodes first and then tells the edges of each, in order: the walk over a heap's own pages.

use super::assemble::GraphAssembler;
use super::builder::classes_apart_from_names;
use super::graph::Graph;
use super::kinds::{EdgeType, NodeType};
use super::places::Location;
use super::units::NodeIdx;
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::Hasher;

/// Texts that are looked at before one is kept twice: what others choose cannot make them slow to find.
const TRIES: u64 = 8;

/// Takes nodes, then for each of them its edges. The first node is the root.
///
/// Unlike [`GraphBuilder`](super::GraphBuilder) it keeps nothing beside the graph's own columns but what finds a text again, so it serves heaps of any size.
#[derive(Debug)]
pub struct GroupedBuilder {
    graph: Graph,
    first_edge: Vec<u32>,
    numbers: FxHashMap<u64, u32>,
}

impl Default for GroupedBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl GroupedBuilder {
    pub fn new() -> Self {
        let mut builder =
            Self { graph: GraphAssembler::new().into_graph(), first_edge: vec![0], numbers: FxHashMap::default() };
        builder.text("");
        builder
    }

    /// The number of a text, by which nodes and edges are named. 0 is the empty text, and what the table has no room for.
    pub fn text(&mut self, text: &str) -> u32 {
        let mut hasher = FxHasher::default();
        hasher.write(text.as_bytes());
        let hash = hasher.finish();
        for key in (0..TRIES).map(|at| hash.wrapping_add(at)) {
            match self.numbers.get(&key) {
                Some(number) if self.graph.strings.get(*number) == text => return *number,
                Some(_) => {}
                None => {
                    let Ok(number) = self.graph.strings.push(text) else { return 0 };
                    self.numbers.insert(key, number);
                    return number;
                }
            }
        }
        self.graph.strings.push(text).unwrap_or(0)
    }

    pub fn text_of(&self, number: u32) -> &str {
        self.graph.strings.get(number)
    }

    /// Adds a node; its edges come when it is its turn.
    pub fn node(&mut self, kind: NodeType, name: u32, id: u64, self_size: u64) -> NodeIdx {
        let node = NodeIdx(self.graph.types.len() as u32);
        self.graph.types.push(kind);
        self.graph.names.push(name);
        self.graph.ids.push(id);
        self.graph.self_sizes.push(self_size);
        node
    }

    pub fn node_count(&self) -> usize {
        self.graph.types.len()
    }

    pub fn kind(&self, node: NodeIdx) -> NodeType {
        self.graph.types[node.row()]
    }

    pub fn name(&self, node: NodeIdx) -> u32 {
        self.graph.names[node.row()]
    }

    pub fn id(&self, node: NodeIdx) -> u64 {
        self.graph.ids.get(node.row())
    }

    pub fn self_size(&self, node: NodeIdx) -> u64 {
        self.graph.self_sizes.get(node.row())
    }

    pub fn set_name(&mut self, node: NodeIdx, name: u32) {
        self.graph.names[node.row()] = name;
    }

    pub fn set_kind(&mut self, node: NodeIdx, kind: NodeType) {
        self.graph.types[node.row()] = kind;
    }

    /// Where `node` comes from; line and column from 0.
    pub fn location(&mut self, node: NodeIdx, location: Location) {
        self.graph.places.push(node.0, location);
    }

    /// Adds an edge to the node whose turn it is. `to` may be a node that is yet to come, but has to be there in the end.
    #[inline]
    pub fn edge(&mut self, kind: EdgeType, name_or_index: u32, to: NodeIdx) {
        // Rows are counted in 32 bits; no heap that a machine of today has comes near.
        if self.graph.edges.len() < u32::MAX as usize {
            self.graph.edges.push(kind, name_or_index, to.0);
        }
    }

    /// Ends the edges of the node whose turn it is; the next one's follow.
    #[inline]
    pub fn end_of_edges(&mut self) {
        self.first_edge.push(self.graph.edges.len() as u32);
    }

    /// How many nodes have had their turn.
    pub fn told(&self) -> usize {
        self.first_edge.len() - 1
    }

    pub fn edge_count(&self) -> usize {
        self.graph.edges.len()
    }

    /// The edges of a node that has had its turn, as rows.
    pub fn edge_rows(&self, node: NodeIdx) -> std::ops::Range<u32> {
        let row = node.row();
        match (self.first_edge.get(row), self.first_edge.get(row + 1)) {
            (Some(from), Some(to)) => *from..*to,
            _ => 0..0,
        }
    }

    #[inline]
    pub fn edge_at(&self, row: u32) -> (EdgeType, NodeIdx) {
        (self.graph.edges.kind(row as usize), NodeIdx(self.graph.edges.to(row as usize)))
    }

    /// The graph. Nodes that had no turn have no edges.
    ///
    /// # Panics
    /// If an edge leads to a node that never came, or there are edges of more nodes than there are: that is a defect of the source.
    pub fn finish(self) -> Graph {
        let Self { mut graph, mut first_edge, .. } = self;
        let nodes = graph.types.len();
        assert!(first_edge.len() <= nodes + 1, "edges of more nodes than there are");
        assert!((0..graph.edges.len()).all(|row| (graph.edges.to(row) as usize) < nodes), "an edge leads nowhere");
        first_edge.resize(nodes + 1, graph.edges.len() as u32);
        first_edge.shrink_to_fit();
        graph.first_edge = first_edge.into();
        graph.places.complete();
        graph.class_of_name = classes_apart_from_names(&mut graph);
        graph
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_come_first_and_edges_by_node() {
        let mut heap = GroupedBuilder::new();
        let root = heap.node(NodeType::Synthetic, 0, 1, 0);
        let (array, logs) = (heap.text("Array"), heap.text("logs"));
        assert_eq!(heap.text("Array"), array);
        let first = heap.node(NodeType::Object, array, 3, 32);
        let second = heap.node(NodeType::Object, array, 5, 1 << 40);
        heap.edge(EdgeType::Property, logs, first);
        heap.end_of_edges();
        heap.edge(EdgeType::Element, 7, second);
        heap.edge(EdgeType::Weak, 0, root);
        heap.end_of_edges();
        assert_eq!((heap.told(), heap.edge_rows(first), heap.edge_rows(second)), (2, 1..3, 0..0));
        assert_eq!(heap.edge_at(1), (EdgeType::Element, second));
        let other = heap.text("Other");
        heap.set_name(second, other);
        let graph = heap.finish();
        assert_eq!((graph.class_name(first), graph.class_name(second)), ("Array", "Other"));
        assert_eq!(graph.edges(first).map(|edge| edge.to).collect::<Vec<_>>(), [second, root]);
        assert_eq!(graph.edges(second).count(), 0);
        assert_eq!((graph.id(second), graph.self_size(second).0), (5, 1 << 40));
    }
}
