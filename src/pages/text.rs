//! The text of strings, whatever they are put together from: names, and the beginnings of contents.

use super::layout::Layout;
use super::maps::type_of;
use super::regions::Regions;
use std::borrow::Cow;

/// Units of UTF-16 of a name that are read. What is longer is no name.
const LONGEST_NAME: usize = 256;
/// Of contents: as V8's `heap_snapshot_string_limit`.
const LONGEST: usize = 1024;
/// Of a source whose lines are counted.
const LONGEST_SOURCE: usize = 1 << 26;
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
/// An external string that does not remember where its characters are.
const UNCACHED: u16 = 16;
/// Where others do: behind the map, hash and length, and the resource.
const EXTERNAL_CHARS: u64 = 24;
/// Of a string that is no key of the table of all strings that are the same for their text.
pub const NOT_INTERNALIZED: u16 = 32;

/// The name at an address; `None` where there is no string, or one whose characters cannot all be read.
pub fn text(regions: &Regions<'_>, layout: &Layout, string: u64) -> Option<String> {
    let mut contents = Contents::default();
    contents.fill(regions, layout, string, LONGEST_NAME)?;
    Some(contents.text)
}

/// Reads strings one after the other into the same buffers.
#[derive(Debug, Default)]
pub struct Contents {
    text: String,
    units: Vec<u16>,
    /// How many more units are wanted.
    room: usize,
    /// Parts that are still to come: the address, from which unit on, and how many at most.
    left: Vec<(u64, usize, usize)>,
}

impl Contents {
    /// The beginning of the string at an address, as far as it can be read: up to 1,024 units, which is what V8 puts into a snapshot.
    pub fn read(&mut self, regions: &Regions<'_>, layout: &Layout, string: u64) -> &str {
        let _ = self.fill(regions, layout, string, LONGEST);
        &self.text
    }

    /// `None` if a part could not be read: then the text ends before it.
    fn fill(&mut self, regions: &Regions<'_>, layout: &Layout, string: u64, most: usize) -> Option<()> {
        self.text.clear();
        self.units.clear();
        self.left.clear();
        self.room = most;
        self.left.push((string, 0, usize::MAX));
        let mut whole = Some(());
        for _ in 0..PARTS {
            let Some((string, from, most)) = self.left.pop() else { break };
            whole = self.part(regions, layout, string, from, most);
            if self.room == 0 || whole.is_none() {
                break;
            }
        }
        if !self.units.is_empty() {
            self.text.push_str(&String::from_utf16_lossy(&self.units));
        }
        whole
    }

    fn part(&mut self, regions: &Regions<'_>, layout: &Layout, string: u64, from: usize, most: usize) -> Option<()> {
        let names = &layout.names;
        let instance_type = type_of(regions, layout, string)?;
        if !layout.types.is_string(instance_type) {
            return None;
        }
        let length = (regions.half(string + names.string_length)? as usize).saturating_sub(from).min(most);
        let wanted = length.min(self.room);
        match instance_type & REPRESENTATION {
            _ if wanted == 0 => {}
            SEQUENTIAL => {
                let region = regions.containing(string)?;
                let chars = string + names.string_chars - region.base;
                let words = region.words.get((chars / 8) as usize..)?;
                self.characters(words, instance_type, from, wanted)?;
            }
            EXTERNAL => {
                let (address, bytes) = external(regions, string, instance_type, from, wanted)?;
                let words = regions.read_elsewhere(address, bytes)?;
                self.characters(&words, instance_type, 0, wanted)?;
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

    /// Takes units of `words` from one on.
    fn characters(&mut self, words: &[u64], instance_type: u16, from: usize, wanted: usize) -> Option<()> {
        self.room -= wanted;
        if instance_type & ONE_BYTE != 0 {
            let bytes = words.get(from / 8..)?.iter().flat_map(|word| word.to_le_bytes()).skip(from % 8).take(wanted);
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
        Some(())
    }
}

/// Where units of an external string are, and how many bytes they take.
fn external(regions: &Regions<'_>, string: u64, instance_type: u16, from: usize, count: usize) -> Option<(u64, usize)> {
    if instance_type & UNCACHED != 0 {
        return None;
    }
    let unit = if instance_type & ONE_BYTE != 0 { 1 } else { 2 };
    let chars = regions.word(string + EXTERNAL_CHARS)?;
    Some((chars.checked_add((from * unit) as u64)?, count * unit))
}

/// All characters of a string that are in one piece.
#[derive(Clone, Debug)]
pub struct Characters<'a> {
    words: Cow<'a, [u64]>,
    length: usize,
    one_byte: bool,
}

impl<'a> Characters<'a> {
    /// `None` for a string that is put together, or whose characters are outside of the heap and cannot be read.
    pub fn of(regions: &Regions<'a>, layout: &Layout, string: u64) -> Option<Self> {
        let mut string = string;
        for _ in 0..PARTS {
            let instance_type = type_of(regions, layout, string)?;
            if !layout.types.is_string(instance_type) {
                return None;
            }
            match instance_type & REPRESENTATION {
                SEQUENTIAL => {
                    let region = regions.containing(string)?;
                    let from = ((string + layout.names.string_chars - region.base) / 8) as usize;
                    let length = regions.half(string + layout.names.string_length)? as usize;
                    let words = Cow::Borrowed(region.words.get(from..)?);
                    return Some(Self { words, length, one_byte: instance_type & ONE_BYTE != 0 });
                }
                EXTERNAL => {
                    let length = regions.half(string + layout.names.string_length)? as usize;
                    if length > LONGEST_SOURCE {
                        return None;
                    }
                    let (address, bytes) = external(regions, string, instance_type, 0, length)?;
                    let words = Cow::Owned(regions.read_elsewhere(address, bytes)?);
                    return Some(Self { words, length, one_byte: instance_type & ONE_BYTE != 0 });
                }
                THIN => string = regions.follow(string + layout.names.thin_actual)?,
                // Put together and made one since: the first part has it all, and the second is empty.
                CONS => {
                    let second = regions.follow(string + layout.names.cons_second)?;
                    if regions.half(second + layout.names.string_length)? != 0 {
                        return None;
                    }
                    string = regions.follow(string + layout.names.cons_first)?;
                }
                _ => return None,
            }
        }
        None
    }

    pub fn for_each(&self, mut unit: impl FnMut(u16)) {
        let bytes = self.words.iter().flat_map(|word| word.to_le_bytes());
        if self.one_byte {
            bytes.take(self.length).for_each(|byte| unit(u16::from(byte)));
        } else {
            let units = self.words.iter().flat_map(|word| (0..4).map(move |at| (word >> (16 * at)) as u16));
            units.take(self.length).for_each(unit);
        }
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

    #[test]
    fn a_name_is_whole_or_none_and_contents_have_as_many_units_as_v8_tells() {
        let mut page = Page::new(24);
        let ascii = page.text("name");
        let external_map = page.map(42, 4);
        let external = page.object(&[to(external_map), 9 << 32, 0, 0]);
        let cons_map = page.map(33, 4);
        let broken = page.object(&[to(cons_map), 13 << 32, to(ascii), to(external)]);
        // Twice 700 characters of Latin-1 that take two bytes in UTF-8.
        let latin_map = page.map(40, 0);
        let words = [[to(latin_map), 700 << 32].to_vec(), vec![u64::from_le_bytes([0xe9; 8]); 88]].concat();
        let (one, other) = (page.object(&words), page.object(&words));
        let both = page.object(&[to(cons_map), 1400 << 32, to(one), to(other)]);
        let regions = page.regions();
        let name = |string| text(&regions, &page.layout, string);
        assert_eq!((name(ascii).as_deref(), name(broken), name(cons_map)), (Some("name"), None, None));
        let mut contents = Contents::default();
        assert_eq!(contents.read(&regions, &page.layout, broken), "name");
        assert_eq!(contents.read(&regions, &page.layout, both).chars().count(), LONGEST);
        assert_eq!(name(both).unwrap().chars().count(), LONGEST_NAME);
    }
}
