//! The text of a string on the heap: of names alone, so it is short, and what is no name is not read.

use super::layout::Layout;
use super::maps::type_of;
use super::regions::Regions;

/// Characters of a name that are read.
const LONGEST: usize = 256;
/// Strings that one name is put together from: more than any name that a person wrote.
const PARTS: usize = 64;

/// The lowest bits of a string's instance type, the same in every binary: how its characters are kept.
const REPRESENTATION: u16 = 7;
const SEQUENTIAL: u16 = 0;
const CONS: u16 = 1;
const SLICED: u16 = 3;
const THIN: u16 = 5;
const ONE_BYTE: u16 = 8;

/// The text of the string at an address, if there is one and its characters are on the heap. What is longer is cut.
pub fn text(regions: &Regions<'_>, layout: &Layout, string: u64) -> Option<String> {
    let names = &layout.names;
    let mut units: Vec<u16> = Vec::new();
    // Address, and which of its characters.
    let mut left = vec![(string, 0usize, usize::MAX)];
    for _ in 0..PARTS {
        let Some((string, from, most)) = left.pop() else { break };
        let instance_type = type_of(regions, layout, string)?;
        if !layout.types.is_string(instance_type) {
            return None;
        }
        let length = (regions.half(string + names.string_length)? as usize).saturating_sub(from).min(most);
        let wanted = length.min(LONGEST.saturating_sub(units.len()));
        if wanted == 0 {
            continue;
        }
        match instance_type & REPRESENTATION {
            SEQUENTIAL => {
                let one_byte = instance_type & ONE_BYTE != 0;
                for at in from..from + wanted {
                    let chars = string + names.string_chars;
                    units.push(if one_byte {
                        u16::from(regions.byte(chars + at as u64)?)
                    } else {
                        let address = chars + 2 * at as u64;
                        (regions.half(address & !3)? >> (address % 4 * 8)) as u16
                    });
                }
            }
            CONS if from == 0 => {
                left.push((regions.follow(string + names.cons_second)?, 0, most));
                left.push((regions.follow(string + names.cons_first)?, 0, most));
            }
            SLICED => {
                let offset = regions.word(string + names.sliced_offset)? >> 32;
                left.push((regions.follow(string + names.sliced_parent)?, offset as usize + from, wanted));
            }
            THIN => left.push((regions.follow(string + names.thin_actual)?, from, most)),
            _ => return None,
        }
    }
    Some(String::from_utf16_lossy(&units))
}

/// All characters of a string that are in one piece on the heap.
#[derive(Clone, Copy, Debug)]
pub struct Characters<'a> {
    words: &'a [u64],
    length: usize,
    one_byte: bool,
}

impl<'a> Characters<'a> {
    /// `None` for a string that is put together, or whose characters are outside of the heap.
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
                    return Some(Self {
                        words: region.words.get(from..)?,
                        length,
                        one_byte: instance_type & ONE_BYTE != 0,
                    });
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

    pub fn for_each(self, mut unit: impl FnMut(u16)) {
        let bytes = self.words.iter().flat_map(|word| word.to_le_bytes());
        if self.one_byte {
            bytes.take(self.length).for_each(|byte| unit(u16::from(byte)));
        } else {
            let units = self.words.iter().flat_map(|word| (0..4).map(move |at| (word >> (16 * at)) as u16));
            units.take(self.length).for_each(unit);
        }
    }
}
