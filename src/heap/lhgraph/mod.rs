//! `.lhgraph`: a graph's columns in a file. `docs/lhgraph.md` describes every byte.
//!
//! A `.heapsnapshot` is text: each number of it is printed, parsed, and repeated where a column would have said it once. Here the columns of a [`Graph`](super::Graph)
//! stand as they are. Rows are cut into blocks that need nothing of each other, so that several threads unpack a file; within a block each column is coded
//! so that most of its numbers are small ([`coding`]), laid out by bytes ([`planes`]) and packed by zstd ([`chunk`]).
//!
//! [`GraphWriter`] writes and [`read`] reads. Nothing that a file says is believed: a block has a checksum and a bounded size, counts are held against what
//! came, every number is held against what it refers to, and what unfolds to more than its size can justify is refused.

mod block;
mod chunk;
mod coding;
mod edges;
mod header;
mod nodes;
mod planes;
mod reader;
mod sites;
mod writer;

pub use header::Header;
pub use writer::{GraphWriter, write_graph};

pub(super) use reader::read;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;

/// What a file begins with. The first byte is no text in any encoding.
pub const MAGIC: [u8; 8] = *b"\x89lhgraph";

/// What this code writes, and the only one that it reads.
pub const VERSION: u32 = 1;

/// Rows of a block at most. A plane of so many bytes is one block of zstd's, with a table of its own for its bytes.
const BLOCK_ROWS: usize = 1 << 17;
/// Bytes of text in a block at most.
const BLOCK_TEXT: usize = 1 << 20;

/// The parts of a file, in their order. The numbers stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Nodes = 1,
    Edges = 2,
    Places = 3,
    Locations = 4,
    Detachedness = 5,
    Text = 6,
    Strings = 7,
    End = 255,
}

impl Section {
    const ALL: [Section; 8] = [
        Section::Nodes,
        Section::Edges,
        Section::Places,
        Section::Locations,
        Section::Detachedness,
        Section::Text,
        Section::Strings,
        Section::End,
    ];

    fn of(number: u32) -> Option<Section> {
        Self::ALL.into_iter().find(|section| *section as u32 == number)
    }

    fn name(self) -> &'static str {
        match self {
            Section::Nodes => "nodes",
            Section::Edges => "edges",
            Section::Places => "places",
            Section::Locations => "locations",
            Section::Detachedness => "detachedness",
            Section::Text => "text",
            Section::Strings => "strings",
            Section::End => "end",
        }
    }

    fn most_rows(self) -> usize {
        match self {
            Section::Text => BLOCK_TEXT,
            Section::End => 0,
            _ => BLOCK_ROWS,
        }
    }

    /// Bytes that a row takes once it is read, about: what a file's size has to justify.
    fn row_bytes(self) -> u64 {
        match self {
            Section::Nodes => 24,
            Section::Places => 12,
            Section::Edges | Section::Locations | Section::Detachedness => 8,
            Section::Strings => 4,
            Section::Text => 1,
            Section::End => 0,
        }
    }
}

/// What is wrong with a block; its section and place are told by whoever reads the file.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// Bytes that no writer has written so.
    Damaged(&'static str),
    /// Sound bytes that make no sense.
    Malformed(String),
}

impl From<&str> for Fault {
    fn from(reason: &str) -> Fault {
        Fault::Malformed(reason.to_owned())
    }
}
