//! What becomes of the rows that the parser reads.

use super::kinds::{EdgeType, NodeType};
use super::places::Location;
use super::schema::Meta;
use super::units::{Bytes, NodeIdx};

/// One row of `nodes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeRow {
    pub kind: NodeType,
    /// Number of the name in `strings`, which come after all rows.
    pub name: u32,
    pub id: u64,
    pub self_size: Bytes,
    /// How many of the edges, taken in order, start here.
    pub edge_count: u32,
}

/// One row of `edges`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeRow {
    pub kind: EdgeType,
    /// Number of the name in `strings`, or the index itself: [`EdgeType::has_text_name`] says which.
    pub name_or_index: u32,
    pub to: NodeIdx,
}

/// Takes the rows in the file's order. What the rows refer to is checked at the end of the file, so a sink that is
/// asked for its result before [`SnapshotParser::finish`](super::SnapshotParser::finish) has succeeded may hold nonsense.
pub trait SnapshotSink {
    /// Whether edges are of interest. Where not, the parser jumps over them and leaves them unchecked.
    const EDGES: bool = true;
    /// The same for locations.
    const LOCATIONS: bool = true;

    /// Comes once, before any row.
    fn meta(&mut self, _meta: &Meta) {}
    fn node(&mut self, row: NodeRow);
    fn edge(&mut self, _row: EdgeRow) {}
    fn location(&mut self, _node: NodeIdx, _location: Location) {}
    /// Strings come in order, from 0.
    fn string(&mut self, number: u32, text: &str);
}
