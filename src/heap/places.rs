//! Where nodes come from in source: the snapshot's `locations`.

use rustc_hash::FxHashMap;

use super::units::NodeIdx;

/// A place in a script, as V8 counts: lines and columns from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    pub script_id: u32,
    pub line: u32,
    pub column: u32,
}

/// Node to place. Millions of objects come from a few thousand places, so each place is kept once.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// Node in the upper half, number of its place in the lower; sorted once complete.
    rows: Vec<u64>,
    places: Vec<Location>,
    numbers: FxHashMap<Location, u32>,
}

impl Places {
    pub fn push(&mut self, node: u32, place: Location) {
        let number = *self.numbers.entry(place).or_insert_with(|| {
            self.places.push(place);
            self.places.len() as u32 - 1
        });
        self.rows.push(u64::from(node) << 32 | u64::from(number));
    }

    /// Rows as [`Places::rows`] gives them, in any order; each of their places is there.
    pub fn of_parts(rows: Vec<u64>, places: Vec<Location>) -> Places {
        Places { rows, places, numbers: FxHashMap::default() }
    }

    /// Node in the upper half, number of its place in the lower.
    pub fn rows(&self) -> &[u64] {
        &self.rows
    }

    pub fn places(&self) -> &[Location] {
        &self.places
    }

    /// To be called once, after the last `push` and before the first `of`.
    pub fn complete(&mut self) {
        self.rows.sort_unstable();
        self.rows.shrink_to_fit();
        self.numbers = FxHashMap::default();
    }

    pub fn of(&self, node: NodeIdx) -> Option<Location> {
        let at = self.rows.partition_point(|&row| (row >> 32) < u64::from(node.0));
        let row = *self.rows.get(at)?;
        (row >> 32 == u64::from(node.0)).then(|| self.places[row as u32 as usize])
    }

    /// Every node that has a place.
    pub fn iter(&self) -> impl Iterator<Item = (NodeIdx, Location)> {
        self.rows.iter().map(|&row| (NodeIdx((row >> 32) as u32), self.places[row as u32 as usize]))
    }
}
