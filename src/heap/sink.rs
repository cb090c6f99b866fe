//! What becomes of the rows that the parser reads.

use super::kinds::{Attachment, EdgeType, NodeType};
use super::places::Location;
use super::schema::Meta;
use super::units::{Bytes, NodeIdx};
use std::ops::Range;

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
    pub attachment: Option<Attachment>,
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
    /// Whether to refuse a file that has text elsewhere than in `strings`, or `strings` before the nodes and edges that they name: for a
    /// sink that must know of each string what it is used for, and must have seen them all.
    const STRICT_TEXT: bool = false;

    /// Comes once, before any row.
    fn meta(&mut self, _meta: &Meta) {}
    fn node(&mut self, row: NodeRow);
    fn edge(&mut self, _row: EdgeRow) {}
    fn location(&mut self, _node: NodeIdx, _location: Location) {}
    /// Strings come in order, from 0.
    fn string(&mut self, number: u32, text: &str);
    /// The same with the string's place in the file, quotes included; for those who care.
    fn string_at(&mut self, number: u32, text: &str, _place: Range<u64>) {
        self.string(number, text);
    }
}
