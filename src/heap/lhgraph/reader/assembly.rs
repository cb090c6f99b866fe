//! What all blocks say together.

use super::super::header::Header;
use super::super::{Fault, Section};
use super::told;
use super::unfold::Rows;
use crate::heap::assemble::GraphAssembler;
use crate::heap::error::SnapshotError;
use crate::heap::graph::Graph;
use crate::heap::kinds::Attachment;
use crate::heap::places::{Location, Places};
use crate::heap::strings::StringTable;
use crate::heap::totals::MAX_ROWS;
use crate::heap::units::NodeIdx;

/// Grows by what has come; the header's counts are held against it in the end.
pub struct Assembly<'h> {
    header: &'h Header,
    graph: GraphAssembler,
    /// The sum of all nodes' counts.
    edges_owned: u64,
    nodes: u64,
    edges: u64,
    places: Vec<Location>,
    locations: Vec<u64>,
    attachments: Vec<(NodeIdx, Attachment)>,
    text: String,
    ends: Vec<u32>,
}

impl<'h> Assembly<'h> {
    pub fn new(header: &'h Header) -> Assembly<'h> {
        Assembly {
            header,
            graph: GraphAssembler::new(),
            edges_owned: 0,
            nodes: 0,
            edges: 0,
            places: Vec::new(),
            locations: Vec::new(),
            attachments: Vec::new(),
            text: String::new(),
            ends: Vec::new(),
        }
    }

    pub fn add(&mut self, rows: Rows) -> Result<(), SnapshotError> {
        match rows {
            Rows::Nodes(said, edges) => {
                self.edges_owned = self.edges_owned.saturating_add(edges);
                self.nodes += said.node_count() as u64;
                // The columns are 32 bits wide; the difference from the header is told at the end.
                if self.edges_owned <= MAX_ROWS && self.nodes <= MAX_ROWS {
                    self.graph.append(&said);
                }
            }
            Rows::Edges(said) => {
                self.edges += said.edge_count() as u64;
                if self.edges <= MAX_ROWS {
                    self.graph.append(&said);
                }
            }
            Rows::Places(places) => self.places.extend(places),
            Rows::Locations(locations) => self.locations.extend(locations),
            Rows::Detachedness(attachments) => self.attachments.extend(attachments),
            Rows::Text(text) => self.text.push_str(&text),
            Rows::Strings(lengths, at) => return self.strings(&lengths, at),
            Rows::Nothing => {}
        }
        Ok(())
    }

    /// Text comes before the lengths of the strings in it.
    fn strings(&mut self, lengths: &[u64], at: u64) -> Result<(), SnapshotError> {
        let wrong = |number: usize, what: &str| {
            let reason = format!("string {number} {what}");
            Err(told(Section::Strings.name(), at, Fault::Malformed(reason)))
        };
        if u32::try_from(self.text.len()).is_err() {
            let what = "bytes of text";
            return Err(SnapshotError::TooLarge {
                section: Section::Text.name(),
                offset: at,
                limit: u32::MAX.into(),
                what,
            });
        }
        let mut end = self.ends.last().map_or(0, |end| u64::from(*end));
        for length in lengths {
            end += length;
            if end > self.text.len() as u64 {
                return wrong(self.ends.len(), "ends behind all text");
            }
            if !self.text.is_char_boundary(end as usize) {
                return wrong(self.ends.len(), "ends within a character");
            }
            self.ends.push(end as u32);
        }
        Ok(())
    }

    /// The graph, if all that was promised has come; `offset` is the end of the file.
    pub fn finish(mut self, offset: u64) -> Result<Graph, SnapshotError> {
        let header = self.header;
        let counts = [
            (Section::Nodes, self.nodes, header.nodes),
            (Section::Edges, self.edges, header.edges),
            (Section::Places, self.places.len() as u64, header.places),
            (Section::Locations, self.locations.len() as u64, header.locations),
            (Section::Detachedness, self.attachments.len() as u64, header.attachments),
            (Section::Strings, self.ends.len() as u64, header.strings),
        ];
        let wrong = |section: Section, reason: String| Err(told(section.name(), offset, Fault::Malformed(reason)));
        if let Some((section, rows, promised)) = counts.into_iter().find(|(_, rows, promised)| rows != promised) {
            return wrong(section, format!("{rows} rows where the header says {promised}"));
        }
        if self.edges_owned != self.edges {
            let (edges, owned) = (self.edges, self.edges_owned);
            return wrong(Section::Edges, format!("{edges} rows where the nodes' own counts add up to {owned}"));
        }
        let told_of = self.ends.last().map_or(0, |end| *end as usize);
        if told_of != self.text.len() {
            return wrong(Section::Text, format!("{} bytes where the strings have {told_of}", self.text.len()));
        }
        if !self.attachments.is_sorted_by(|(one, _), (next, _)| one < next) {
            return wrong(Section::Detachedness, "nodes are not in their order".to_owned());
        }
        let places = Places::of_parts(self.locations, self.places);
        self.graph.set_apart(places, self.attachments, StringTable::of_parts(self.text, self.ends));
        Ok(self.graph.into_graph())
    }
}
