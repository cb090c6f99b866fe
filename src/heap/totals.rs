//! Rows of numbers turned into rows of meaning, and what they add up to.
//!
//! A row can refer to nodes and strings that have not come yet, so a reference is only checked for its form here; the
//! highest of each sort is remembered, for the parser to hold against what there is at the end.

use super::kinds::{Attachment, EdgeType};
use super::places::Location;
use super::rows::Row;
use super::schema::Meta;
use super::sink::{EdgeRow, NodeRow};
use super::units::{Bytes, NodeIdx};

/// Row numbers are 32 bits wide; the highest few mean "none".
pub(super) const MAX_ROWS: u64 = u32::MAX as u64 - 16;

/// What rows referred to, to be held against what there is once everything has been read.
#[derive(Debug, Default)]
pub(super) struct Totals {
    pub nodes: Option<u64>,
    pub edges: Option<u64>,
    pub strings: Option<u64>,
    pub locations: Option<u64>,
    /// The sum of all nodes' edge counts.
    pub edges_owned: u64,
    /// One more than the highest number that was referred to.
    pub names_needed: u64,
    pub edge_names_needed: u64,
    pub targets_needed: u64,
    pub located_needed: u64,
}

impl Totals {
    /// Adds what the rows of a later piece referred to; nothing, if they would be too many together.
    pub fn add(&mut self, piece: &Totals) -> Option<()> {
        let edges_owned = self.edges_owned + piece.edges_owned;
        if edges_owned > MAX_ROWS {
            return None;
        }
        self.edges_owned = edges_owned;
        self.names_needed = self.names_needed.max(piece.names_needed);
        self.edge_names_needed = self.edge_names_needed.max(piece.edge_names_needed);
        self.targets_needed = self.targets_needed.max(piece.targets_needed);
        Some(())
    }
}

// What a row says, in our types. An `Err` is what is wrong with it.
impl Totals {
    #[inline(always)]
    pub fn node(&mut self, meta: &Meta, row: &Row) -> Result<NodeRow, &'static str> {
        let layout = &meta.nodes;
        let kind = *layout.kinds.get(row[layout.kind] as usize).ok_or("a kind is not in `node_types`")?;
        let name = u32::try_from(row[layout.name]).map_err(|_| "a name's number is too large")?;
        let edge_count = u32::try_from(row[layout.edge_count]).map_err(|_| "an edge count is too large")?;
        self.names_needed = self.names_needed.max(u64::from(name) + 1);
        self.edges_owned += u64::from(edge_count);
        if self.edges_owned > MAX_ROWS {
            return Err("the edge counts add up to too much");
        }
        let attachment = layout.detachedness.and_then(|column| Attachment::from_number(row[column]));
        Ok(NodeRow { kind, name, id: row[layout.id], self_size: Bytes(row[layout.self_size]), edge_count, attachment })
    }

    #[inline(always)]
    pub fn edge(&mut self, meta: &Meta, row: &Row) -> Result<EdgeRow, &'static str> {
        let layout = &meta.edges;
        let kind: EdgeType = *layout.kinds.get(row[layout.kind] as usize).ok_or("a kind is not in `edge_types`")?;
        let name_or_index =
            u32::try_from(row[layout.name_or_index]).map_err(|_| "a name's number or an index is too large")?;
        if kind.has_text_name() {
            self.edge_names_needed = self.edge_names_needed.max(u64::from(name_or_index) + 1);
        }
        let to = node_of(row[layout.to_node], meta.nodes.fields)?;
        self.targets_needed = self.targets_needed.max(u64::from(to.0) + 1);
        Ok(EdgeRow { kind, name_or_index, to })
    }

    pub fn location(&mut self, meta: &Meta, row: &Row) -> Result<(NodeIdx, Location), &'static str> {
        let layout = meta.locations.as_ref().ok_or("`meta` has no `location_fields`")?;
        let node = node_of(row[layout.object_index], meta.nodes.fields)?;
        self.located_needed = self.located_needed.max(u64::from(node.0) + 1);
        let number = |column: usize| u32::try_from(row[column]).map_err(|_| "a script, line or column is too large");
        let location = Location {
            script_id: number(layout.script_id)?,
            line: number(layout.line)?,
            column: number(layout.column)?,
        };
        Ok((node, location))
    }
}

/// Nodes are referred to by where they begin in the flat array of all columns.
#[inline(always)]
fn node_of(offset: u64, fields: usize) -> Result<NodeIdx, &'static str> {
    const WRONG: &str = "a reference does not point at the start of a node";
    // Division by a constant is a multiplication; these are the widths that V8 has written.
    let (row, rest) = match fields {
        5 => (offset / 5, offset % 5),
        6 => (offset / 6, offset % 6),
        7 => (offset / 7, offset % 7),
        _ => (offset / fields as u64, offset % fields as u64),
    };
    if rest != 0 || row >= MAX_ROWS { Err(WRONG) } else { Ok(NodeIdx(row as u32)) }
}
