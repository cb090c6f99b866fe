//! How a snapshot is written, and what its file is called by.

use serde::Deserialize;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// V8's text, packed by zstd: what every tool reads.
    #[default]
    Heapsnapshot,
    /// The graph's columns: a quarter to a half of that, and read in half of the time. Wants a graph, which V8's generator does not give.
    Lhgraph,
}

impl Format {
    pub const ALL: [Format; 2] = [Format::Heapsnapshot, Format::Lhgraph];

    pub fn name(self) -> &'static str {
        match self {
            Self::Heapsnapshot => "heapsnapshot",
            Self::Lhgraph => "lhgraph",
        }
    }

    /// What the names of its files end with, behind the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Heapsnapshot => "heapsnapshot.zst",
            Self::Lhgraph => "lhgraph",
        }
    }

    /// The format of a file whose name ends so.
    pub fn of_ending(ending: &str) -> Option<Format> {
        Self::ALL.into_iter().find(|format| format.ending() == ending)
    }
}
