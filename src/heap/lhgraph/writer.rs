//! From a graph to a file, in one pass, with the memory of a few blocks: it is at work in a forked child.

use std::io::{self, Write};
use std::ops::Range;

use super::block::BlockHead;
use super::chunk::Packer;
use super::coding::Coding;
use super::edges::EdgeCoder;
use super::header::Header;
use super::nodes::NodeCoder;
use super::sites::{write_attachments, write_locations, write_places};
use super::{BLOCK_ROWS, BLOCK_TEXT, Section};
use crate::heap::graph::Graph;
use crate::heap::open::is_bomb;

/// Writes a graph: [`GraphWriter::rows`], then each of its strings, then [`GraphWriter::finish`]. Strings come apart from the rest, since they may be
/// others than the graph's.
///
/// A file that unfolds to hundreds of times its size is refused by readers, as one that is made to fill memory. A graph of a few million objects that are all
/// alike would be such a one: so a block that brings the file half of the way there is written as it is.
pub struct GraphWriter<W> {
    out: W,
    packer: Packer,
    body: Vec<u8>,
    /// Bytes of the file so far, and of memory that its rows take.
    written: u64,
    unfolded: u64,
    text: String,
    lengths: Vec<u64>,
    strings_left: u64,
}

impl<W: Write> GraphWriter<W> {
    /// Counts in `about` are filled in. `level` is zstd's.
    pub fn new(mut out: W, graph: &Graph, about: &Header, level: i32) -> io::Result<GraphWriter<W>> {
        let header = Header {
            nodes: graph.node_count() as u64,
            edges: graph.edge_count() as u64,
            places: graph.places.places().len() as u64,
            locations: graph.places.rows().len() as u64,
            attachments: graph.attachments.len() as u64,
            strings: graph.strings.len() as u64,
            ..about.clone()
        };
        let bytes = header.bytes();
        out.write_all(&bytes)?;
        Ok(GraphWriter {
            out,
            packer: Packer::new(level)?,
            body: Vec::new(),
            written: bytes.len() as u64,
            unfolded: 0,
            text: String::new(),
            lengths: Vec::new(),
            strings_left: header.strings,
        })
    }

    /// Everything but the strings.
    pub fn rows(&mut self, graph: &Graph) -> io::Result<()> {
        let mut nodes = NodeCoder::default();
        self.blocks(Section::Nodes, graph.node_count(), |rows, packer, out| {
            nodes.write(graph, rows.start as u32..rows.end as u32, packer, out)
        })?;
        let mut edges = EdgeCoder::new();
        self.blocks(Section::Edges, graph.edge_count(), |rows, packer, out| {
            edges.write(graph, rows.start as u32..rows.end as u32, packer, out)
        })?;
        let (places, rows, attachments) = (graph.places.places(), graph.places.rows(), &graph.attachments);
        self.blocks(Section::Places, places.len(), |range, packer, out| write_places(&places[range], packer, out))?;
        self.blocks(Section::Locations, rows.len(), |range, packer, out| write_locations(&rows[range], packer, out))?;
        self.blocks(Section::Detachedness, attachments.len(), |range, packer, out| {
            write_attachments(&attachments[range], packer, out)
        })
    }

    /// The next string, in the order of their numbers.
    pub fn string(&mut self, mut text: &str) -> io::Result<()> {
        self.lengths.push(text.len() as u64);
        self.strings_left = self.strings_left.checked_sub(1).ok_or(io::ErrorKind::InvalidInput)?;
        while self.text.len() + text.len() >= BLOCK_TEXT {
            let room = BLOCK_TEXT - self.text.len();
            let end = (0..=room).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
            self.text.push_str(&text[..end]);
            text = &text[end..];
            self.flush_text()?;
        }
        self.text.push_str(text);
        Ok(())
    }

    fn flush_text(&mut self) -> io::Result<()> {
        let mut text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            self.block(Section::Text, text.len(), |packer, out| packer.bytes(text.as_bytes(), out))?;
            text.clear();
        }
        self.text = text;
        Ok(())
    }

    /// The rest, and what it was written to. Every string has to have come.
    pub fn finish(mut self) -> io::Result<W> {
        if self.strings_left > 0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.flush_text()?;
        let lengths = std::mem::take(&mut self.lengths);
        self.blocks(Section::Strings, lengths.len(), |range, packer, out| {
            packer.numbers(Coding::Plain, 0, &lengths[range], out)
        })?;
        self.block(Section::End, 0, |_, _| Ok(()))?;
        Ok(self.out)
    }

    /// Bytes that the file would have without zstd, about.
    pub fn unfolded(&self) -> u64 {
        self.unfolded
    }

    fn blocks(
        &mut self,
        section: Section,
        rows: usize,
        mut write: impl FnMut(Range<usize>, &mut Packer, &mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        for from in (0..rows).step_by(BLOCK_ROWS) {
            let range = from..rows.min(from + BLOCK_ROWS);
            self.block(section, range.len(), |packer, out| write(range, packer, out))?;
        }
        Ok(())
    }

    fn block(
        &mut self,
        section: Section,
        rows: usize,
        write: impl FnOnce(&mut Packer, &mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.unfolded += rows as u64 * section.row_bytes();
        self.packer.spread = is_bomb(2 * self.unfolded, self.written);
        self.body.clear();
        write(&mut self.packer, &mut self.body)?;
        let head = BlockHead::of(section, rows, &self.body).bytes();
        self.out.write_all(&head)?;
        self.out.write_all(&self.body)?;
        self.written += (head.len() + self.body.len()) as u64;
        Ok(())
    }
}

/// Writes all of `graph`, strings as they are.
pub fn write_graph<W: Write>(graph: &Graph, about: &Header, level: i32, out: W) -> io::Result<W> {
    let mut writer = GraphWriter::new(out, graph, about, level)?;
    writer.rows(graph)?;
    for (_, text) in graph.strings.iter() {
        writer.string(text)?;
    }
    writer.finish()
}
