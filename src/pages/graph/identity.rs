//! Ids of nodes, made of addresses: an object that was not moved has the same in every graph of one process.
//!
//! Files, DevTools and redaction expect ids of 32 bits, and addresses have 47. An object is known by its page and its place on it; the place takes 15 bits, and each page gets one of
//! [`SLOTS`] numbers by a hash of its address. Of two pages with one hash the higher gets the next free number; so an id changes where the object was moved, or
//! where a page that had a hash in common with its own came or went.

use crate::pages::chunk::{ALIGNMENT, Chunk};
use rustc_hash::FxHashMap;

/// Pages that get short ids: 16 GiB of heap. Number 0 is left to what is made up.
const SLOTS: u64 = 1 << 16;

#[derive(Debug)]
pub struct Identity {
    slots: FxHashMap<u64, u64>,
}

impl Identity {
    pub fn new(chunks: &[Chunk]) -> Self {
        let mut bases: Vec<u64> = chunks.iter().map(|chunk| chunk.base / ALIGNMENT).collect();
        bases.sort_unstable();
        bases.dedup();
        let count = SLOTS.max((bases.len() as u64 + 1).next_power_of_two() * 2);
        let mut taken = vec![false; count as usize];
        taken[0] = true;
        let mut slots = FxHashMap::default();
        for base in bases {
            let mut slot = (base.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) & (count - 1);
            while taken[slot as usize] {
                slot = (slot + 1) & (count - 1);
            }
            taken[slot as usize] = true;
            slots.insert(base, slot);
        }
        Self { slots }
    }

    /// The id of the object at an address of the page at `base`: odd, as V8's are. `base` has to be one of those given; the id is 1 otherwise.
    pub fn of(&self, base: u64, address: u64) -> u64 {
        let slot = self.slots.get(&(base / ALIGNMENT)).copied().unwrap_or(0);
        slot << 16 | ((address - base) % ALIGNMENT / 8) << 1 | 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(units: impl Iterator<Item = u64>) -> Vec<Chunk> {
        let chunk = |unit| Chunk {
            base: unit * ALIGNMENT,
            start: unit * ALIGNMENT + 16,
            end: (unit + 1) * ALIGNMENT,
            flags: 0,
            high_water: 0,
            owner: 1,
            heap: 1,
        };
        units.map(chunk).collect()
    }

    #[test]
    fn ids_are_odd_short_different_and_the_same_next_time() {
        let some = chunks((1..4000).map(|at| at * 7919));
        let identity = Identity::new(&some);
        let ids: Vec<u64> = some
            .iter()
            .flat_map(|chunk| [16, 24, ALIGNMENT - 8].map(|at| identity.of(chunk.base, chunk.base + at)))
            .collect();
        let mut different = ids.clone();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), ids.len());
        assert!(ids.iter().all(|id| id % 2 == 1 && *id >= SLOTS && *id <= u64::from(u32::MAX)));
        let more = Identity::new(&chunks((1..4100).map(|at| at * 7919)));
        let same = some
            .iter()
            .filter(|chunk| more.of(chunk.base, chunk.start) == identity.of(chunk.base, chunk.start))
            .count();
        assert!(same > some.len() * 99 / 100, "{same}");
    }
}
