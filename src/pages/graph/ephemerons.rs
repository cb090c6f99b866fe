//! WeakMaps: a value is held by its key and by the table together, and by neither alone. V8 tells it by an edge from each, which have a name in common.

use super::edges::Edges;
use crate::heap::{EdgeType, NodeIdx};
use crate::pages::maps::type_of;
use crate::pages::regions::pointee;

/// Words of a table before its first entry: the map, the length, and how many entries there are, were, and could be.
const HEADER: usize = 5;

/// Entries of all tables, by key.
#[derive(Debug, Default)]
pub struct Ephemerons {
    by_key: Vec<Entry>,
    /// The first one whose key has not had its turn.
    next: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: NodeIdx,
    table: NodeIdx,
    at: u32,
    value: NodeIdx,
}

impl Edges<'_> {
    /// Reads the tables of WeakMaps among `tables`, before any edge is told: their keys may come first.
    pub fn find_ephemerons(&mut self, tables: &[u64], kind: u16) {
        for address in tables.iter().filter(|table| type_of(self.regions, self.layout, **table) == Some(kind)) {
            let Some(table) = self.teller.starts.at(*address) else { continue };
            let length = self.regions.count(address + 8).and_then(|length| u32::try_from(length + 2).ok());
            let Some(words) = length.and_then(|length| self.words(*address, length)) else { continue };
            for (at, key, value) in entries(words) {
                let (Some(key), Some(value)) = (self.teller.target(key), self.teller.target(value)) else { continue };
                // An empty entry's key is undefined, or a hole: read-only.
                if !self.teller.is_read_only(key) {
                    self.ephemerons.by_key.push(Entry { key, table, at: at as u32, value });
                }
            }
        }
        self.ephemerons.by_key.sort_unstable();
    }

    /// The table's own edges: weak to keys and values, and its part in holding the values.
    pub(super) fn ephemeron_table(&mut self, node: NodeIdx, words: &[u64]) {
        for (at, key, value) in entries(words) {
            let (Some(key), Some(value)) = (self.teller.target(key), self.teller.target(value)) else { continue };
            if self.teller.is_read_only(key) {
                continue;
            }
            for (word, to) in [(HEADER + 2 * at, key), (HEADER + 2 * at + 1, value)] {
                let name = self.teller.element_name(word);
                self.teller.edge(EdgeType::Weak, name, to);
            }
            let name = self.entry_name(Entry { key, table: node, at: at as u32, value });
            self.teller.edge(EdgeType::Internal, name, value);
        }
    }

    /// The values that a node holds as the key of WeakMaps.
    pub(super) fn ephemeron_values(&mut self, node: NodeIdx) {
        while let Some(entry) =
            self.ephemerons.by_key.get(self.ephemerons.next).copied().filter(|entry| entry.key <= node)
        {
            self.ephemerons.next += 1;
            if entry.key == node {
                let name = self.entry_name(entry);
                self.teller.edge(EdgeType::Internal, name, entry.value);
            }
        }
    }

    /// As V8 spells it: readers know by it what holds a value and what does not.
    fn entry_name(&mut self, Entry { key, table, at, value }: Entry) -> u32 {
        let builder = &mut self.teller.builder;
        let called = |node: NodeIdx| format!("{} @{}", builder.text_of(builder.name(node)), builder.id(node));
        let (key, value, table) = (called(key), called(value), builder.id(table));
        builder.text(&format!("{at} / part of key ({key}) -> value ({value}) pair in WeakMap (table @{table})"))
    }
}

fn entries(words: &[u64]) -> impl Iterator<Item = (usize, u64, u64)> {
    let entries = words.get(HEADER..).unwrap_or_default().chunks_exact(2).enumerate();
    entries.map(|(at, entry)| (at, entry[0], entry[1])).filter(|(_, key, _)| pointee(*key).is_some())
}
