//! A histogram from a snapshot that streams by: no graph, no edges, little memory.

use rustc_hash::FxHashMap;

use super::classes::{ALL_KINDS, class_of};
use super::histogram::{ClassHistogram, Tally};
use super::kinds::NodeType;
use super::sink::{NodeRow, SnapshotSink};

/// Counts nodes by class. For the capture child, which sees the snapshot once on its way to the disk: what it keeps grows
/// with the number of classes, not of objects.
#[derive(Debug, Default)]
pub struct ClassCounter {
    by_kind: [Tally; ALL_KINDS.len()],
    /// Objects and native things by the number of their name; the names themselves come last.
    by_name: FxHashMap<u32, Tally>,
    names: FxHashMap<u32, String>,
    nodes: u64,
}

impl ClassCounter {
    pub fn new() -> ClassCounter {
        ClassCounter::default()
    }

    /// Nodes so far.
    pub fn node_count(&self) -> u64 {
        self.nodes
    }

    /// The counts, after the parser has finished.
    pub fn into_histogram(self) -> ClassHistogram {
        let kinds = ALL_KINDS.iter().zip(self.by_kind).filter(|(_, tally)| tally.count > 0);
        let kinds = kinds.filter_map(|(kind, tally)| Some((kind.class()?, tally)));
        let names = self.by_name.iter().map(|(name, &tally)| (self.names.get(name).map_or("", String::as_str), tally));
        ClassHistogram::from_tallies(kinds.chain(names))
    }
}

impl SnapshotSink for ClassCounter {
    const EDGES: bool = false;
    const LOCATIONS: bool = false;

    fn node(&mut self, row: NodeRow) {
        self.nodes += 1;
        let tally = match row.kind {
            NodeType::Object | NodeType::Native => self.by_name.entry(row.name).or_default(),
            kind => &mut self.by_kind[kind as usize],
        };
        tally.add_one(row.self_size);
    }

    fn string(&mut self, number: u32, text: &str) {
        if self.by_name.contains_key(&number) {
            self.names.insert(number, class_of(text).into_owned());
        }
    }
}
