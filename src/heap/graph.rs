//! The heap as a graph: columns, and `Copy` handles into them.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::edges::EdgeColumns;
use super::kinds::{Attachment, EdgeType, NodeType};
use super::places::{Location, Places};
use super::sink::{EdgeRow, NodeRow, SnapshotSink};
use super::strings::{StringTable, as_name};
use super::units::{Bytes, EdgeIdx, NodeIdx};
use super::wide::WideColumn;

/// What an edge is called: by text, or by a number for array elements and V8's hidden links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EdgeName<'a> {
    Name(&'a str),
    Index(u32),
}

impl<'a> From<&'a str> for EdgeName<'a> {
    fn from(name: &'a str) -> Self {
        EdgeName::Name(name)
    }
}

impl From<u32> for EdgeName<'_> {
    fn from(index: u32) -> Self {
        EdgeName::Index(index)
    }
}

impl std::fmt::Display for EdgeName<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EdgeName::Name(name) => out.write_str(name),
            EdgeName::Index(index) => write!(out, "[{index}]"),
        }
    }
}

/// One reference, seen from the node that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge<'g> {
    pub kind: EdgeType,
    pub name: EdgeName<'g>,
    pub to: NodeIdx,
    pub index: EdgeIdx,
}

/// The same without its name, which is text from elsewhere and costs more than all the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub kind: EdgeType,
    pub to: NodeIdx,
    pub index: EdgeIdx,
}

/// A class of one graph, as a number: quick to compare and to hash, and meaningless in any other graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassKey(pub(super) u32);

/// A name of one graph, as a number. The table of a foreign file may have one text under two numbers; V8's do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameKey(u32);

/// A heap snapshot's nodes, edges and names. Immutable once built.
#[derive(Clone, Debug)]
pub struct Graph {
    pub(super) types: Vec<NodeType>,
    pub(super) names: Vec<u32>,
    pub(super) ids: WideColumn,
    pub(super) self_sizes: WideColumn,
    /// `first_edge[n]..first_edge[n + 1]` are the rows of `n`'s edges.
    pub(super) first_edge: Arc<Vec<u32>>,
    pub(super) edges: EdgeColumns,
    pub(super) strings: StringTable,
    pub(super) places: Places,
    /// The few nodes of which it is known, in order.
    pub(super) attachments: Vec<(NodeIdx, Attachment)>,
    /// Where a node's class is not its name: `<div id="x">` is a `<div>`. Name number to class number.
    pub(super) class_of_name: FxHashMap<u32, u32>,
}

/// Kinds whose class is not the node's name get keys from the top of the number range.
const KIND_KEYS: u32 = u32::MAX - 255;

impl Graph {
    /// The node from which everything alive can be reached. V8 writes it first.
    pub fn root(&self) -> NodeIdx {
        NodeIdx(0)
    }

    pub fn node_count(&self) -> usize {
        self.types.len()
    }

    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// All nodes, in the file's order.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeIdx> + ExactSizeIterator + use<> {
        (0..self.types.len() as u32).map(NodeIdx)
    }

    #[inline]
    pub fn node_type(&self, node: NodeIdx) -> NodeType {
        self.types[node.row()]
    }

    /// The node's own name: a constructor's name, a string's text, a function's name … All of a string's text, and of a name no more
    /// than four kilobytes.
    pub fn name(&self, node: NodeIdx) -> &str {
        let text = self.strings.get(self.names[node.row()]);
        if self.node_type(node).is_string() { text } else { as_name(text) }
    }

    /// The name as a number: equal numbers are equal names, quick to compare and to hash.
    #[inline]
    pub fn name_key(&self, node: NodeIdx) -> NameKey {
        NameKey(self.names[node.row()])
    }

    /// V8's number for the object. The same object keeps it in later snapshots of the same process, and in no other.
    pub fn id(&self, node: NodeIdx) -> u64 {
        self.ids.get(node.row())
    }

    /// The node with V8's number `id`, by a scan over all nodes.
    pub fn find_id(&self, id: u64) -> Option<NodeIdx> {
        self.nodes().find(|&node| self.id(node) == id)
    }

    /// The bytes of the object itself, as V8 counts them.
    #[inline]
    pub fn self_size(&self, node: NodeIdx) -> Bytes {
        Bytes(self.self_sizes.get(node.row()))
    }

    /// The references that `node` holds, in the file's order.
    #[inline]
    pub fn edges(&self, node: NodeIdx) -> impl DoubleEndedIterator<Item = Edge<'_>> + ExactSizeIterator {
        self.edge_rows(node).map(|row| self.edge(EdgeIdx(row)))
    }

    /// The same without names: for whoever looks at all of them and wants to know few.
    #[inline]
    pub fn links(&self, node: NodeIdx) -> impl DoubleEndedIterator<Item = Link> + ExactSizeIterator {
        self.edge_rows(node).map(|row| self.link(EdgeIdx(row)))
    }

    #[inline]
    pub(super) fn link(&self, index: EdgeIdx) -> Link {
        Link { kind: self.edges.kind(index.row()), to: NodeIdx(self.edges.to(index.row())), index }
    }

    #[inline]
    pub fn edge_kind(&self, index: EdgeIdx) -> EdgeType {
        self.edges.kind(index.row())
    }

    /// The name of an edge as a number, if it has one that is text.
    #[inline]
    pub fn edge_key(&self, index: EdgeIdx) -> Option<NameKey> {
        let is_text = self.edges.kind(index.row()).has_text_name();
        is_text.then(|| NameKey(self.edges.name_or_index(index.row())))
    }

    /// One reference by its handle.
    #[inline]
    pub fn edge(&self, index: EdgeIdx) -> Edge<'_> {
        let kind = self.edges.kind(index.row());
        let number = self.edges.name_or_index(index.row());
        let name = if kind.has_text_name() {
            EdgeName::Name(as_name(self.strings.get(number)))
        } else {
            EdgeName::Index(number)
        };
        Edge { kind, name, to: NodeIdx(self.edges.to(index.row())), index }
    }

    /// The target of the first edge of `node` with that kind and name.
    pub fn target(&self, node: NodeIdx, kind: EdgeType, name: &str) -> Option<NodeIdx> {
        self.edges(node).find(|edge| edge.kind == kind && edge.name == EdgeName::Name(name)).map(|edge| edge.to)
    }

    /// The class that DevTools groups the node under, without the interfaces that it infers for plain objects.
    pub fn class_name(&self, node: NodeIdx) -> &str {
        self.class_text(self.class_key(node))
    }

    /// The class as a number.
    #[inline]
    pub fn class_key(&self, node: NodeIdx) -> ClassKey {
        let kind = self.node_type(node);
        if matches!(kind, NodeType::Object | NodeType::Native) {
            let name = self.names[node.row()];
            ClassKey(if self.class_of_name.is_empty() {
                name
            } else {
                self.class_of_name.get(&name).copied().unwrap_or(name)
            })
        } else {
            ClassKey(KIND_KEYS + kind as u32)
        }
    }

    /// The name of a class.
    pub fn class_text(&self, class: ClassKey) -> &str {
        match class.0.checked_sub(KIND_KEYS) {
            None => as_name(self.strings.get(class.0)),
            Some(kind) => super::classes::ALL_KINDS[kind as usize].class().unwrap_or_default(),
        }
    }

    /// Where V8 says the node comes from: a function's own place, or that of the constructor that made an object.
    pub fn location(&self, node: NodeIdx) -> Option<Location> {
        self.places.of(node)
    }

    /// The nodes of which the embedder said whether they are attached, in the file's order.
    pub fn attachments(&self) -> &[(NodeIdx, Attachment)] {
        &self.attachments
    }

    /// All strings by their numbers, in their order.
    pub fn strings(&self) -> impl Iterator<Item = (u32, &str)> {
        self.strings.iter()
    }

    /// Tells nodes and edges as a parser of its text would, up to where the strings come.
    pub fn tell_rows<S: SnapshotSink>(&self, sink: &mut S) {
        let mut attached = self.attachments.iter().peekable();
        for node in self.nodes() {
            sink.node(NodeRow {
                kind: self.node_type(node),
                name: self.names[node.row()],
                id: self.id(node),
                self_size: self.self_size(node),
                edge_count: self.edge_rows(node).len() as u32,
                attachment: attached.next_if(|(of, _)| *of == node).map(|(_, state)| *state),
            });
        }
        if S::EDGES {
            for row in 0..self.edge_count() {
                let (kind, name_or_index) = (self.edges.kind(row), self.edges.name_or_index(row));
                sink.edge(EdgeRow { kind, name_or_index, to: NodeIdx(self.edges.to(row)) });
            }
        }
        if S::LOCATIONS {
            self.places.iter().for_each(|(node, location)| sink.location(node, location));
        }
    }

    /// All nodes' own sizes together.
    pub fn total_size(&self) -> Bytes {
        self.nodes().map(|node| self.self_size(node)).sum()
    }

    #[inline]
    pub(super) fn edge_rows(&self, node: NodeIdx) -> std::ops::Range<u32> {
        self.first_edge[node.row()]..self.first_edge[node.row() + 1]
    }
}
