//! The heap as stretches of words, each with the address that it has in the process. Nothing here knows where they come from: a
//! forked child lends its own memory, a test builds some.

use super::chunk::Peek;
use std::cell::Cell;
use std::fmt;

/// A stretch of memory.
#[derive(Clone, Copy, Debug)]
pub struct Region<'a> {
    pub base: u64,
    pub words: &'a [u64],
}

impl Region<'_> {
    pub fn end(&self) -> u64 {
        self.base + self.words.len() as u64 * 8
    }
}

/// All of them, sorted by address.
pub struct Regions<'a> {
    sorted: Vec<Region<'a>>,
    /// Where the last look-up ended: the next one is often near.
    last: Cell<usize>,
    /// Memory outside of the heap.
    elsewhere: Option<Peek<'a>>,
}

impl fmt::Debug for Regions<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Regions").field("count", &self.sorted.len()).field("bytes", &self.bytes()).finish()
    }
}

/// V8's tags in the lowest bits of a word: a strong pointer, which points one byte past an aligned address.
pub const POINTER: u64 = 1;

/// No process has memory from here on, so that an address with an offset is always a number.
const END: u64 = 1 << 48;

/// The object that a word points to strongly, if it is a pointer and no small integer.
#[inline]
pub fn pointee(word: u64) -> Option<u64> {
    (word & 7 == POINTER && word < END).then(|| word - POINTER)
}

/// A small integer, which stock Node keeps in the upper half of a word.
#[inline]
pub fn small_integer(word: u64) -> Option<i64> {
    (word & 0xffff_ffff == 0).then_some((word as i64) >> 32)
}

impl<'a> Regions<'a> {
    pub fn new(mut regions: Vec<Region<'a>>) -> Self {
        regions.retain(|region| !region.words.is_empty());
        regions.sort_unstable_by_key(|region| region.base);
        Self { sorted: regions, last: Cell::new(0), elsewhere: None }
    }

    /// The same, with a way to what objects keep outside of the heap.
    pub fn with_elsewhere(self, peek: Peek<'a>) -> Self {
        Self { elsewhere: Some(peek), ..self }
    }

    /// A copy of `length` bytes outside of the heap, in words, as far as they can be read: the last ones may be missing that do not fill a word.
    pub fn read_elsewhere(&self, address: u64, length: usize) -> Option<Vec<u64>> {
        let peek = self.elsewhere?;
        let mut words = vec![0; length.div_ceil(8)];
        if !peek(address, &mut words) {
            // Nothing may be mapped behind the last byte.
            words.truncate(length / 8);
            if !peek(address, &mut words) {
                return None;
            }
        }
        Some(words)
    }

    /// The region that an address is in.
    pub fn containing(&self, address: u64) -> Option<Region<'a>> {
        let within = |region: &Region<'_>| region.base <= address && address < region.end();
        if let Some(region) = self.sorted.get(self.last.get()).filter(|region| within(region)) {
            return Some(*region);
        }
        let after = self.sorted.partition_point(|region| region.base <= address);
        let at = after.checked_sub(1)?;
        let region = self.sorted.get(at).filter(|region| within(region))?;
        self.last.set(at);
        Some(*region)
    }

    /// The word at an aligned address.
    pub fn word(&self, address: u64) -> Option<u64> {
        let region = self.containing(address)?;
        let offset = address - region.base;
        if offset.is_multiple_of(8) { region.words.get((offset / 8) as usize).copied() } else { None }
    }

    /// The 32 bits at an address that is a multiple of four.
    pub fn half(&self, address: u64) -> Option<u32> {
        let word = self.word(address & !7)?;
        Some((word >> (address % 8 * 8)) as u32)
    }

    pub fn byte(&self, address: u64) -> Option<u8> {
        Some(self.half(address & !3)?.to_le_bytes()[(address % 4) as usize])
    }

    /// The length or the count at an address: a small integer that is not negative.
    pub fn count(&self, address: u64) -> Option<u64> {
        u64::try_from(small_integer(self.word(address)?)?).ok()
    }

    /// What a field points to.
    pub fn follow(&self, address: u64) -> Option<u64> {
        pointee(self.word(address)?)
    }

    pub fn bytes(&self) -> u64 {
        self.sorted.iter().map(|region| region.end() - region.base).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_their_parts_are_found_by_address_and_nothing_between_regions() {
        let (first, second) = ([0x1122_3344_5566_7788, 1 << 32], [9]);
        let regions =
            Regions::new(vec![Region { base: 0x2000, words: &second }, Region { base: 0x1000, words: &first }]);
        assert_eq!(regions.word(0x1000), Some(first[0]));
        assert_eq!(regions.word(0x2000), Some(9));
        assert_eq!((regions.word(0x1010), regions.word(0xff8), regions.word(0x1004)), (None, None, None));
        assert_eq!((regions.half(0x1004), regions.byte(0x1001)), (Some(0x1122_3344), Some(0x77)));
        assert_eq!(regions.bytes(), 24);
    }

    #[test]
    fn tags_tell_pointers_from_small_integers() {
        assert_eq!((pointee(0x1001), pointee(0x1003), pointee(0x1000)), (Some(0x1000), None, None));
        assert_eq!((pointee(0), pointee(u64::MAX - 6)), (None, None));
        assert_eq!(
            (small_integer(7 << 32), small_integer(u64::MAX << 32), small_integer(1)),
            (Some(7), Some(-1), None)
        );
    }
}
