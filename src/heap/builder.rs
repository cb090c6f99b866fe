//! Heaps by hand: for tests and examples.
//!
//! ```
//! use leakhunt::heap::{EdgeType, GraphBuilder, NodeType};
//!
//! let mut heap = GraphBuilder::new();
//! let logs = heap.node(NodeType::Object, "Array", 32);
//! let date = heap.node(NodeType::Object, "Date", 24);
//! heap.edge(heap.root(), EdgeType::Property, "logs", logs);
//! heap.edge(logs, EdgeType::Element, 0, date);
//! let graph = heap.build();
//! assert_eq!(graph.class_name(date), "Date");
//! ```

use rustc_hash::FxHashMap;
use std::collections::HashMap;

use super::classes::class_of;
use super::edges::EdgeColumns;
use super::graph::{EdgeName, Graph};
use super::kinds::{Attachment, EdgeType, NodeType};
use super::places::{Location, Places};
use super::strings::StringTable;
use super::units::NodeIdx;
use super::wide::WideColumn;

/// Collects nodes and edges in any order. The root is there from the start, with id 1; ids count up by two, as V8's do.
#[derive(Debug)]
pub struct GraphBuilder {
    types: Vec<NodeType>,
    names: Vec<u32>,
    ids: WideColumn,
    self_sizes: WideColumn,
    edges: Vec<(u32, EdgeType, u32, u32)>,
    strings: StringTable,
    numbers: HashMap<String, u32>,
    places: Places,
    attachments: Vec<(NodeIdx, Attachment)>,
}

impl Default for GraphBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl GraphBuilder {
    pub fn new() -> GraphBuilder {
        let mut builder = GraphBuilder {
            types: Vec::new(),
            names: Vec::new(),
            ids: WideColumn::default(),
            self_sizes: WideColumn::default(),
            edges: Vec::new(),
            strings: StringTable::default(),
            numbers: HashMap::new(),
            places: Places::default(),
            attachments: Vec::new(),
        };
        builder.node(NodeType::Synthetic, "", 0);
        builder
    }

    /// The root, which every builder starts with.
    pub fn root(&self) -> NodeIdx {
        NodeIdx(0)
    }

    pub fn node(&mut self, kind: NodeType, name: &str, size: u64) -> NodeIdx {
        let node = NodeIdx(self.types.len() as u32);
        let name = self.number_of(name);
        self.types.push(kind);
        self.names.push(name);
        self.ids.push(u64::from(node.0) * 2 + 1);
        self.self_sizes.push(size);
        node
    }

    /// Gives `node` another id.
    pub fn set_id(&mut self, node: NodeIdx, id: u64) {
        self.ids.set(node.row(), id);
    }

    /// # Panics
    /// If the kind wants a name and gets a number, or the other way round.
    pub fn edge<'n>(&mut self, from: NodeIdx, kind: EdgeType, name: impl Into<EdgeName<'n>>, to: NodeIdx) {
        let number = match name.into() {
            EdgeName::Name(text) => {
                assert!(kind.has_text_name(), "a {} edge is named by a number", kind.name());
                self.number_of(text)
            }
            EdgeName::Index(index) => {
                assert!(!kind.has_text_name(), "a {} edge is named by text", kind.name());
                index
            }
        };
        self.edges.push((from.0, kind, number, to.0));
    }

    /// Says where `node` comes from; line and column count from 0.
    pub fn location(&mut self, node: NodeIdx, script_id: u32, line: u32, column: u32) {
        self.places.push(node.0, Location { script_id, line, column });
    }

    /// Says whether `node` is attached to what its embedder made it for.
    pub fn attach(&mut self, node: NodeIdx, attachment: Attachment) {
        self.attachments.push((node, attachment));
    }

    pub fn build(mut self) -> Graph {
        // Stable: edges of one node keep the order in which they were added.
        self.edges.sort_by_key(|&(from, ..)| from);
        let mut first_edge = vec![0u32; self.types.len() + 1];
        let mut edges = EdgeColumns::with_capacity(self.edges.len());
        for (from, kind, number, to) in self.edges {
            first_edge[from as usize + 1] += 1;
            edges.push(kind, number, to);
        }
        for row in 1..first_edge.len() {
            first_edge[row] += first_edge[row - 1];
        }
        self.places.complete();
        self.attachments.sort_by_key(|&(node, _)| node);
        let mut graph = Graph {
            types: self.types,
            names: self.names,
            ids: self.ids,
            self_sizes: self.self_sizes,
            first_edge: first_edge.into(),
            edges,
            strings: self.strings,
            places: self.places,
            attachments: self.attachments,
            class_of_name: FxHashMap::default(),
        };
        graph.class_of_name = classes_apart_from_names(&mut graph);
        graph
    }

    fn number_of(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.strings.push(text).expect("a heap built by hand has little text");
        self.numbers.insert(text.to_owned(), number);
        number
    }
}

/// Finds the names that are not their own class, and adds those classes to the string table.
pub(super) fn classes_apart_from_names(graph: &mut Graph) -> FxHashMap<u32, u32> {
    let apart: Vec<(u32, String)> = graph
        .strings
        .iter()
        .filter_map(|(number, name)| match class_of(name) {
            std::borrow::Cow::Owned(class) => Some((number, class)),
            std::borrow::Cow::Borrowed(_) => None,
        })
        .collect();
    if apart.is_empty() {
        return FxHashMap::default();
    }
    let mut numbers: HashMap<String, u32> = HashMap::new();
    for (number, text) in graph.strings.iter() {
        if text.ends_with('>') && (text.starts_with('<') || text.starts_with("Detached <")) {
            numbers.entry(text.to_owned()).or_insert(number);
        }
    }
    let mut classes = FxHashMap::default();
    for (name, class) in apart {
        let number = match numbers.get(&class) {
            Some(&number) => number,
            // A full table leaves such nodes under their own names.
            None => match graph.strings.push(&class) {
                Ok(number) => *numbers.entry(class).or_insert(number),
                Err(_) => continue,
            },
        };
        classes.insert(name, number);
    }
    classes
}
