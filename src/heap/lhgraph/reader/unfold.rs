//! One block's bytes as rows: what a thread does by itself.

use std::io;

use super::super::chunk::Unpacker;
use super::super::edges::EdgeCoder;
use super::super::header::Header;
use super::super::nodes::NodeReader;
use super::super::sites::{read_attachments, read_column, read_locations, read_places};
use super::super::{Fault, Section};
use super::{Block, told};
use crate::heap::assemble::GraphAssembler;
use crate::heap::error::SnapshotError;
use crate::heap::kinds::Attachment;
use crate::heap::places::Location;
use crate::heap::units::NodeIdx;

/// What a block says; every number in it refers to something that the header promises.
pub enum Rows {
    /// With the sum of their edges.
    Nodes(GraphAssembler, u64),
    Edges(GraphAssembler),
    Places(Vec<Location>),
    Locations(Vec<u64>),
    Detachedness(Vec<(NodeIdx, Attachment)>),
    Text(String),
    /// Lengths of strings, and where in the file they stand.
    Strings(Vec<u64>, u64),
    Nothing,
}

pub struct Unfolder {
    unpacker: Unpacker,
    nodes: NodeReader,
    edges: EdgeCoder,
}

impl Unfolder {
    pub fn new() -> io::Result<Unfolder> {
        Ok(Unfolder { unpacker: Unpacker::new()?, nodes: NodeReader::default(), edges: EdgeCoder::new() })
    }

    pub fn unfold(&mut self, block: &Block, header: &Header) -> Result<Rows, SnapshotError> {
        let name = block.section.map_or("other", Section::name);
        self.rows(block, header).map_err(|fault| told(name, block.at, fault))
    }

    fn rows(&mut self, block: &Block, header: &Header) -> Result<Rows, Fault> {
        if block.head.checksum != block.head.checksum_with(&block.body) {
            return Err(Fault::Damaged("the checksum of the block is another"));
        }
        // A section of a later version is stepped over.
        let Some(section) = block.section else { return Ok(Rows::Nothing) };
        let (mut body, rows, unpacker) = (&block.body[..], block.head.rows as usize, &mut self.unpacker);
        let said = match section {
            Section::Nodes => {
                let (said, edges) = self.nodes.read(&mut body, rows, header, unpacker)?;
                Rows::Nodes(said, edges)
            }
            Section::Edges => Rows::Edges(self.edges.read(&mut body, rows, header, unpacker)?),
            Section::Places => Rows::Places(read_places(&mut body, rows, unpacker)?),
            Section::Locations => Rows::Locations(read_locations(&mut body, rows, header, unpacker)?),
            Section::Detachedness => Rows::Detachedness(read_attachments(&mut body, rows, header, unpacker)?),
            Section::Text => {
                let text = str::from_utf8(unpacker.bytes(&mut body, rows)?);
                let wrong = |error: std::str::Utf8Error| {
                    Fault::Malformed(format!("byte {} of the block's text is no UTF-8", error.valid_up_to()))
                };
                Rows::Text(text.map_err(wrong)?.to_owned())
            }
            Section::Strings => {
                let mut lengths = Vec::new();
                read_column(&mut body, rows, unpacker, 1 << 32, &mut lengths)?;
                Rows::Strings(lengths, block.at)
            }
            Section::End => Rows::Nothing,
        };
        if body.is_empty() { Ok(said) } else { Err("the block has more than its columns".into()) }
    }
}
