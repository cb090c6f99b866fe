//! From rows to a [`Graph`].

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::builder::classes_apart_from_names;
use super::edges::EdgeColumns;
use super::graph::Graph;
use super::kinds::Attachment;
use super::places::{Location, Places};
use super::schema::Meta;
use super::sink::{EdgeRow, NodeRow, SnapshotSink};
use super::strings::StringTable;
use super::units::NodeIdx;
use super::wide::WideColumn;

/// Keeps every row, in the graph's columns.
///
/// Columns start at a modest size and grow as rows come, whatever the file promises: growing a large vector moves page
/// tables and not bytes, so nothing is lost by it.
#[derive(Debug)]
pub struct GraphAssembler {
    graph: Graph,
    first_edge: Vec<u32>,
    edges_so_far: u32,
}

/// How many rows a promise is believed for.
const CREDIT: u64 = 1 << 16;

impl Default for GraphAssembler {
    fn default() -> Self {
        Self::new()
    }
}

impl GraphAssembler {
    pub fn new() -> GraphAssembler {
        let graph = Graph {
            types: Vec::new(),
            names: Vec::new(),
            ids: WideColumn::default(),
            self_sizes: WideColumn::default(),
            first_edge: Arc::default(),
            edges: EdgeColumns::default(),
            strings: StringTable::default(),
            places: Places::default(),
            attachments: Vec::new(),
            class_of_name: FxHashMap::default(),
        };
        GraphAssembler { graph, first_edge: vec![0], edges_so_far: 0 }
    }

    /// With room for so many rows, which are known to come.
    pub(super) fn with_capacity(nodes: usize, edges: usize) -> GraphAssembler {
        let mut assembler = GraphAssembler::new();
        let graph = &mut assembler.graph;
        graph.types.reserve(nodes);
        graph.names.reserve(nodes);
        graph.ids = WideColumn::with_capacity(nodes);
        graph.self_sizes = WideColumn::with_capacity(nodes);
        graph.edges = EdgeColumns::with_capacity(edges);
        assembler.first_edge.reserve(nodes);
        assembler
    }

    pub(super) fn node_count(&self) -> usize {
        self.graph.types.len()
    }

    pub(super) fn edge_count(&self) -> usize {
        self.graph.edges.len()
    }

    /// What comes from a source that has it as a whole.
    pub(super) fn set_apart(&mut self, places: Places, attachments: Vec<(NodeIdx, Attachment)>, strings: StringTable) {
        self.graph.places = places;
        self.graph.attachments = attachments;
        self.graph.strings = strings;
    }

    /// Adds the rows of another one, which has read the piece of the file that comes next.
    pub(super) fn append(&mut self, piece: &GraphAssembler) {
        let (graph, more) = (&mut self.graph, &piece.graph);
        let before = graph.types.len() as u32;
        graph.attachments.extend(more.attachments.iter().map(|&(node, state)| (NodeIdx(before + node.0), state)));
        graph.types.extend_from_slice(&more.types);
        graph.names.extend_from_slice(&more.names);
        graph.ids.append(&more.ids);
        graph.self_sizes.append(&more.self_sizes);
        self.first_edge.extend(piece.first_edge[1..].iter().map(|edges| self.edges_so_far + edges));
        graph.edges.append(&more.edges);
        self.edges_so_far += piece.edges_so_far;
    }

    /// Lets go of rows, and keeps the room they took. Strings and places have none: pieces are of nodes and edges.
    pub(super) fn empty(&mut self) {
        let graph = &mut self.graph;
        graph.types.clear();
        graph.names.clear();
        graph.ids.clear();
        graph.self_sizes.clear();
        graph.edges.clear();
        graph.attachments.clear();
        self.first_edge.truncate(1);
        self.edges_so_far = 0;
    }

    /// The graph, after the parser has finished.
    pub fn into_graph(self) -> Graph {
        let GraphAssembler { mut graph, mut first_edge, .. } = self;
        graph.types.shrink_to_fit();
        graph.names.shrink_to_fit();
        graph.ids.shrink_to_fit();
        graph.self_sizes.shrink_to_fit();
        first_edge.shrink_to_fit();
        graph.first_edge = first_edge.into();
        graph.edges.shrink_to_fit();
        graph.places.complete();
        graph.attachments.shrink_to_fit();
        graph.class_of_name = classes_apart_from_names(&mut graph);
        graph.strings.shrink_to_fit();
        graph
    }
}

impl SnapshotSink for GraphAssembler {
    fn meta(&mut self, meta: &Meta) {
        let nodes = meta.node_count.unwrap_or(0).min(CREDIT) as usize;
        let edges = meta.edge_count.unwrap_or(0).min(CREDIT) as usize;
        self.graph.types.reserve(nodes);
        self.graph.names.reserve(nodes);
        self.graph.ids = WideColumn::with_capacity(nodes);
        self.graph.self_sizes = WideColumn::with_capacity(nodes);
        self.graph.edges = EdgeColumns::with_capacity(edges);
    }

    #[inline]
    fn node(&mut self, row: NodeRow) {
        if let Some(attachment) = row.attachment {
            self.graph.attachments.push((NodeIdx(self.graph.types.len() as u32), attachment));
        }
        self.graph.types.push(row.kind);
        self.graph.names.push(row.name);
        self.graph.ids.push(row.id);
        self.graph.self_sizes.push(row.self_size.0);
        // The parser refuses a file whose counts add up to more than 32 bits.
        self.edges_so_far += row.edge_count;
        self.first_edge.push(self.edges_so_far);
    }

    #[inline]
    fn edge(&mut self, row: EdgeRow) {
        self.graph.edges.push(row.kind, row.name_or_index, row.to.0);
    }

    fn location(&mut self, node: NodeIdx, location: Location) {
        self.graph.places.push(node.0, location);
    }

    fn string(&mut self, _number: u32, text: &str) {
        self.graph.strings.push(text).expect("the parser limits text to what the table holds");
    }
}
