//! Which code a function runs, in versions that keep it in a table outside of the heap (from Node 24 on): a function has the number of an entry, and the entry the address
//! of the code.
//!
//! Nothing tells where the table is. The isolate has its address among its first words; so a word is taken for it if by it some functions of this very heap all have code.

use crate::pages::layout::Layout;
use crate::pages::maps::type_of;
use crate::pages::outside::Outside;
use crate::pages::regions::Regions;
use rustc_hash::FxHashMap;

/// The number of an entry is behind so many bits of a function's handle.
const HANDLE_SHIFT: u32 = 8;
/// Two words: where the code is entered, and its address behind so many bits; the lowest bit of that is a mark of V8's collector.
const ENTRY_WORDS: u64 = 2;
const CODE_SHIFT: u32 = 16;
/// Entries that are read at once.
const BLOCK: u64 = 1 << 12;
/// Functions by which the table is known.
const LEAST: usize = 16;
pub const SAMPLES: usize = 64;
const PAGE: u64 = 4096;

/// The table, read block by block as it is asked for.
pub struct Dispatch<'a> {
    outside: &'a Outside<'a>,
    base: Option<u64>,
    blocks: FxHashMap<u64, Option<Box<[u64]>>>,
}

impl<'a> Dispatch<'a> {
    /// Finds the table by the handles of some functions.
    pub fn find(regions: &Regions<'_>, layout: &Layout, outside: &'a Outside<'a>, handles: &[u64]) -> Self {
        let none = Self { outside, base: None, blocks: FxHashMap::default() };
        if handles.len() < LEAST {
            return none;
        }
        let is_code = |address: u64| type_of(regions, layout, address) == Some(layout.types.code);
        let leads_to_code = |base: u64| {
            handles.iter().all(|handle| {
                let mut entry = [0; ENTRY_WORDS as usize];
                let at = entry_of(*handle).checked_mul(8 * ENTRY_WORDS).and_then(|offset| base.checked_add(offset));
                at.is_some_and(|at| (outside.peek)(at, &mut entry)) && is_code(code_in(entry[1]))
            })
        };
        let is_page = |word: &u64| *word >= PAGE && word.is_multiple_of(PAGE) && *word < 1 << 47;
        let base = outside.words.iter().copied().filter(is_page).find(|base| leads_to_code(*base));
        Self { base, ..none }
    }

    /// The address of the code that a function with this handle runs.
    pub fn code(&mut self, handle: u64) -> Option<u64> {
        let base = self.base?;
        let entry = entry_of(handle);
        let peek = self.outside.peek;
        let block = self.blocks.entry(entry / BLOCK).or_insert_with(|| {
            let mut words = vec![0; (BLOCK * ENTRY_WORDS) as usize].into_boxed_slice();
            let at = base.checked_add(entry / BLOCK * BLOCK * ENTRY_WORDS * 8)?;
            peek(at, &mut words).then_some(words)
        });
        let word = block.as_ref()?.get((entry % BLOCK * ENTRY_WORDS + 1) as usize)?;
        Some(code_in(*word))
    }
}

fn entry_of(handle: u64) -> u64 {
    (handle & 0xffff_ffff) >> HANDLE_SHIFT
}

fn code_in(word: u64) -> u64 {
    word >> CODE_SHIFT & !1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::builder::{Page, to};

    #[test]
    fn the_table_is_the_one_by_which_functions_have_code() {
        let mut page = Page::new(24);
        let map = page.map(page.layout.types.code, 8);
        let code = page.object(&[to(map), 0, 0, 0, 0, 0, 0, 0]);
        let other = page.object(&[0; 2]);
        let table = |address: u64, at: u64, words: &mut [u64]| {
            for (offset, word) in words.iter_mut().enumerate() {
                *word = if (at / 8 + offset as u64) % 2 == 1 { (address | 1) << 16 | 3 } else { 7 };
            }
            true
        };
        let peek = |at: u64, words: &mut [u64]| match at {
            0x10_0000..0x20_0000 => table(other, at, words),
            0x20_0000..0x30_0000 => table(code, at, words),
            _ => false,
        };
        let isolate = [5, 0x7000, 0x10_0000, 0x20_0008, 0x20_0000];
        let outside = Outside { isolate: 0, words: &isolate, peek: &peek, stack: &[] };
        let handles: Vec<u64> = (1..40).map(|entry| entry << 8).collect();
        let regions = page.regions();
        let mut dispatch = Dispatch::find(&regions, &page.layout, &outside, &handles);
        assert_eq!((dispatch.base, dispatch.code(7 << 8)), (Some(0x20_0000), Some(code)));
        assert_eq!(dispatch.code(0xffff_ff00), None, "beyond the table nothing is mapped");
        let few = Dispatch::find(&regions, &page.layout, &outside, &handles[..LEAST - 1]);
        assert_eq!(few.base, None, "too few to be sure");
        let nothing = Dispatch::find(&regions, &page.layout, &Outside::NOTHING, &handles).code(256);
        assert_eq!(nothing, None);
    }
}
