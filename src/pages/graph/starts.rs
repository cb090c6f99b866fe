//! Which objects there are, by address: what turns a pointer into a node.
//!
//! One bit for each word of a page says whether an object begins there, and for each 64 bits a count says how many begin before. A look-up is a bit, a count and the
//! number of bits below, whatever the size of the heap; the table takes 1/43 of what it describes.

use crate::heap::NodeIdx;
use crate::pages::chunk::{ALIGNMENT, Chunk};
use rustc_hash::FxHashMap;
use std::cell::Cell;

/// Objects of one page. Nodes are numbered in the order in which pages were added, and within a page by address.
#[derive(Debug)]
struct Page {
    /// Where bit 0 stands.
    base: u64,
    bits: Vec<u64>,
    /// The number of the first object at or behind each word of bits.
    before: Vec<u32>,
}

/// The objects of all pages.
#[derive(Debug, Default)]
pub struct Starts {
    pages: Vec<Page>,
    /// Page by the multiple of [`ALIGNMENT`] that an address is behind; a large page has several.
    of_unit: FxHashMap<u64, u32>,
    /// The last page that was hit: the next pointer often leads to the same.
    last: Cell<(u64, u32)>,
    /// The number that the next object gets.
    next: u32,
    /// Where the bits of the current page stand, up to which they are counted.
    counted: usize,
}

impl Starts {
    /// The first object gets the number `first`.
    pub fn new(first: u32) -> Self {
        Self { next: first, last: Cell::new((u64::MAX, 0)), ..Self::default() }
    }

    /// Begins a page. Chunks must not overlap; of one that does, the units that are taken stay with the first.
    pub fn begin(&mut self, chunk: &Chunk) {
        let words = (chunk.end - chunk.base).div_ceil(8);
        let length = words.div_ceil(64) as usize;
        let page = self.pages.len() as u32;
        self.pages.push(Page { base: chunk.base, bits: vec![0; length], before: vec![0; length] });
        for unit in chunk.base / ALIGNMENT..chunk.end.div_ceil(ALIGNMENT) {
            self.of_unit.entry(unit).or_insert(page);
        }
        self.counted = 0;
    }

    /// Notes an object of the page that was begun last. Addresses come in order.
    #[inline]
    pub fn add(&mut self, address: u64) {
        let Some(page) = self.pages.last_mut() else { return };
        let word = (address - page.base) / 8;
        let at = (word / 64) as usize;
        if at >= page.bits.len() {
            return;
        }
        while self.counted <= at {
            page.before[self.counted] = self.next;
            self.counted += 1;
        }
        page.bits[at] |= 1 << (word % 64);
        self.next += 1;
    }

    /// Ends the page that was begun last.
    pub fn end(&mut self) {
        let Some(page) = self.pages.last_mut() else { return };
        for before in &mut page.before[self.counted..] {
            *before = self.next;
        }
        self.counted = page.before.len();
    }

    /// The number that the next object would get.
    pub fn next(&self) -> u32 {
        self.next
    }

    /// The object that begins at an address.
    #[inline]
    pub fn at(&self, address: u64) -> Option<NodeIdx> {
        let unit = address / ALIGNMENT;
        let (known, mut page) = self.last.get();
        if known != unit {
            page = *self.of_unit.get(&unit)?;
            self.last.set((unit, page));
        }
        let page = &self.pages[page as usize];
        let word = address.checked_sub(page.base)? / 8;
        let bits = *page.bits.get((word / 64) as usize)?;
        let bit = 1u64 << (word % 64);
        let is_start = bits & bit != 0 && address.is_multiple_of(8);
        is_start.then(|| NodeIdx(page.before[(word / 64) as usize] + (bits & (bit - 1)).count_ones()))
    }

    /// Addresses of all objects, in the order of their numbers.
    pub fn addresses(&self) -> impl Iterator<Item = u64> + '_ {
        self.pages.iter().flat_map(|page| {
            page.bits
                .iter()
                .enumerate()
                .flat_map(move |(at, bits)| Ones(*bits).map(move |bit| page.base + (at as u64 * 64 + bit) * 8))
        })
    }
}

/// The bits of a word that are set, from the lowest on.
struct Ones(u64);

impl Iterator for Ones {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        let bit = (self.0 != 0).then(|| u64::from(self.0.trailing_zeros()))?;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn chunk(base: u64, length: u64) -> Chunk {
        Chunk { base, start: base + 16, end: base + length, flags: 0, high_water: 0, owner: 1, heap: 1 }
    }

    proptest! {
        #[test]
        fn what_was_added_is_found_and_nothing_else(words in proptest::collection::btree_set(0u64..80_000, 0..300), probe in 0u64..90_000) {
            let (first, second) = (chunk(7 * ALIGNMENT, ALIGNMENT), chunk(20 * ALIGNMENT, 2 * ALIGNMENT));
            let mut starts = Starts::new(1);
            let (near, far): (BTreeSet<u64>, BTreeSet<u64>) = words.iter().partition(|word| **word < ALIGNMENT / 8);
            let far: Vec<u64> = far.iter().map(|word| second.base + (word - ALIGNMENT / 8) * 8).collect();
            let near: Vec<u64> = near.iter().map(|word| first.base + word * 8).collect();
            starts.begin(&first);
            near.iter().for_each(|address| starts.add(*address));
            starts.end();
            starts.begin(&second);
            far.iter().for_each(|address| starts.add(*address));
            starts.end();
            let all: Vec<u64> = near.iter().chain(&far).copied().collect();
            prop_assert_eq!(starts.addresses().collect::<Vec<_>>(), all.clone());
            for (at, address) in all.iter().enumerate() {
                prop_assert_eq!(starts.at(*address), Some(NodeIdx(at as u32 + 1)));
                prop_assert_eq!(starts.at(address + 4), None);
            }
            for base in [first.base, second.base, 0] {
                let address = base + probe * 8;
                prop_assert_eq!(starts.at(address).is_some(), all.contains(&address));
            }
        }
    }
}
