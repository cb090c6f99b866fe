//! The contents of strings, as far as V8 puts them into a snapshot: up to 1,024 units of UTF-16.

use crate::pages::layout::Layout;
use crate::pages::maps::type_of;
use crate::pages::regions::Regions;

/// As V8's `heap_snapshot_string_limit`.
const LONGEST: usize = 1024;
/// Strings that one is put together from, and that are looked at.
const PARTS: usize = 256;

/// The lowest bits of a string's type: how its characters are kept. The same in every binary.
pub const REPRESENTATION: u16 = 7;
pub const SEQUENTIAL: u16 = 0;
pub const CONS: u16 = 1;
pub const EXTERNAL: u16 = 2;
pub const SLICED: u16 = 3;
pub const THIN: u16 = 5;
pub const ONE_BYTE: u16 = 8;

/// Reads strings one after the other into the same buffers.
#[derive(Debug, Default)]
pub struct Contents {
    units: Vec<u16>,
    text: String,
    left: Vec<(u64, usize, usize)>,
}

impl Contents {
    /// The beginning of the string at an address; empty where its characters are outside of the heap.
    pub fn read(&mut self, regions: &Regions<'_>, layout: &Layout, string: u64) -> &str {
        self.units.clear();
        self.text.clear();
        self.left.clear();
        self.left.push((string, 0, usize::MAX));
        for _ in 0..PARTS {
            let Some((string, from, most)) = self.left.pop() else { break };
            if self.units.len() + self.text.len() >= LONGEST || self.part(regions, layout, string, from, most).is_none()
            {
                break;
            }
        }
        if !self.units.is_empty() {
            self.text.push_str(&String::from_utf16_lossy(&self.units));
        }
        &self.text
    }

    fn part(&mut self, regions: &Regions<'_>, layout: &Layout, string: u64, from: usize, most: usize) -> Option<()> {
        let names = &layout.names;
        let instance_type = type_of(regions, layout, string)?;
        if !layout.types.is_string(instance_type) {
            return None;
        }
        let length = (regions.half(string + names.string_length)? as usize).saturating_sub(from).min(most);
        let wanted = length.min(LONGEST.saturating_sub(self.units.len() + self.text.len()));
        match instance_type & REPRESENTATION {
            _ if wanted == 0 => {}
            SEQUENTIAL => {
                let region = regions.containing(string)?;
                let chars = string + names.string_chars - region.base;
                let words = region.words.get((chars / 8) as usize..)?;
                if instance_type & ONE_BYTE != 0 {
                    let bytes =
                        words.get(from / 8..)?.iter().flat_map(|word| word.to_le_bytes()).skip(from % 8).take(wanted);
                    if self.units.is_empty() {
                        // Latin-1: the first 256 characters of Unicode.
                        self.text.extend(bytes.map(char::from));
                    } else {
                        self.units.extend(bytes.map(u16::from));
                    }
                } else {
                    let words = words.get(from / 4..)?.iter();
                    let units = words.flat_map(|word| (0..4).map(move |at| (word >> (16 * at)) as u16));
                    self.units.extend(units.skip(from % 4).take(wanted));
                }
            }
            CONS if from == 0 => {
                self.left.push((regions.follow(string + names.cons_second)?, 0, most));
                self.left.push((regions.follow(string + names.cons_first)?, 0, most));
            }
            SLICED => {
                let offset = regions.word(string + names.sliced_offset)? >> 32;
                self.left.push((regions.follow(string + names.sliced_parent)?, offset as usize + from, wanted));
            }
            THIN => self.left.push((regions.follow(string + names.thin_actual)?, from, most)),
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::builder::{Page, to};

    #[test]
    fn strings_are_read_whatever_they_are_made_of() {
        let mut page = Page::new(24);
        let (first, second) = (page.text("one "), page.text("two!"));
        let cons_map = page.map(33, 4);
        let cons = page.object(&[to(cons_map), 8 << 32, to(first), to(second)]);
        let wide_map = page.map(32, 0);
        let wide = page.object(&[to(wide_map), 3 << 32, 0x4e16_0061 | 0xe9 << 32]);
        let both = page.object(&[to(cons_map), 11 << 32, to(wide), to(cons)]);
        let external_map = page.map(42, 4);
        let external = page.object(&[to(external_map), 9 << 32, 0, 0]);
        let regions = page.regions();
        let mut contents = Contents::default();
        let mut read = |string| contents.read(&regions, &page.layout, string).to_owned();
        assert_eq!(read(first), "one ");
        assert_eq!(read(wide), "a\u{4e16}\u{e9}");
        assert!(read(both).starts_with("a\u{4e16}\u{e9}one two"), "{}", read(both));
        assert_eq!(read(external), "");
        assert_eq!(read(cons_map), "");
    }
}
