//! The pages of the isolate's heap: how they are laid out, and lent to whoever reads them in a forked child.

use super::failure::Failure;
use super::passage::WriteError;
use crate::os::HeapMemory;
use crate::pages::{Chunk, Layout, Missing, Outside, Peek, Region, Regions, allocation_areas, find_chunks};
use crate::v8;
use std::io;
use std::ops::Range;
use std::sync::OnceLock;

/// V8 has its heap within the isolate, which is smaller than this in all versions.
const ISOLATE: u64 = 1 << 20;
/// Words at the beginning of an isolate among which are its roots, and where its handles are.
const ISOLATE_WORDS: usize = 1 << 14;
/// Those among which are its allocation areas. Behind them three addresses in order may be anything's.
const AREA_WORDS: usize = 4096;
/// V8 has its functions use no more of a stack than that.
const STACK_WORDS: usize = 1 << 17;
/// A page's, which is there or is not.
const STEP: usize = 512;

fn told() -> Result<&'static Layout, Missing> {
    static LAYOUT: OnceLock<Result<Layout, Missing>> = OnceLock::new();
    LAYOUT.get_or_init(|| Layout::read(v8::metadata)).as_ref().map_err(|missing| *missing)
}

/// The layout of this executable's heap, read once. On any thread, but not in a child: the dynamic linker has locks.
pub fn layout() -> Result<&'static Layout, Failure> {
    told().map_err(|missing| Failure::Pages(missing.to_string()))
}

/// Why the heap of this process cannot be read from its pages; `None` where it is known how.
pub fn unsupported() -> Option<String> {
    told().err().map(|missing| missing.to_string())
}

/// What was found of a heap.
pub struct Found {
    pub chunks: Vec<Chunk>,
    /// Areas in which nothing has been allocated yet.
    pub unused: Vec<Range<u64>>,
}

/// Finds the pages of an isolate by its address, and lends them to `work` with what else of the process may be looked at.
pub fn read_pages<R>(isolate: u64, work: impl FnOnce(&Regions<'_>, Found, &Outside<'_>) -> R) -> io::Result<R> {
    let memory = HeapMemory::scan()?;
    let peek = |address: u64, words: &mut [u64]| memory.peek(address, words);
    let chunks = find_chunks(memory.mappings(), &(isolate..isolate + ISOLATE), &peek);
    let words = isolate_words(isolate, &peek);
    let unused = allocation_areas(&words[..words.len().min(AREA_WORDS)], &chunks);
    let stack = stack_words(&peek);
    let ranges: Vec<_> = chunks.iter().map(|chunk| chunk.base..chunk.end).collect();
    let read = memory.lend(&ranges, |parts| {
        let regions =
            Regions::new(parts.into_iter().map(|(base, words)| Region { base, words }).collect()).with_elsewhere(&peek);
        work(&regions, Found { chunks, unused }, &Outside { isolate, words: &words, peek: &peek, stack: &stack })
    });
    // With threads there is no reading: a child that has some is none of ours.
    read.ok_or_else(|| io::ErrorKind::Unsupported.into())
}

/// The first words of the isolate, as far as they are there.
fn isolate_words(isolate: u64, peek: Peek<'_>) -> Vec<u64> {
    words_from(isolate, ISOLATE_WORDS, peek)
}

fn words_from(address: u64, most: usize, peek: Peek<'_>) -> Vec<u64> {
    let mut words = Vec::with_capacity(most);
    let mut step = [0; STEP];
    while words.len() < most && peek(address + 8 * words.len() as u64, &mut step) {
        words.extend_from_slice(&step);
    }
    words
}

/// The stack of this thread, which is the isolate's, from here to where it began.
fn stack_words(peek: Peek<'_>) -> Vec<u64> {
    let here = 0u64;
    words_from(&raw const here as u64, STACK_WORDS, peek)
}

/// Refuses what is off from what V8 says is in use by more than a twentieth: pages of a form that is not known would be missing. Where all is well it is within a
/// thousandth. Where V8 does not tell there is nothing to refuse.
pub fn check_sum(found: u64, used: u64) -> Result<(), WriteError> {
    if used == 0 || found.abs_diff(used) <= used / 20 {
        return Ok(());
    }
    Err(WriteError::Sum(format!("they have {found} bytes of objects, and V8 has {used} bytes in use")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heap_of_which_pages_are_missing_is_refused_with_its_figures() {
        for (found, used) in [(1000, 1000), (960, 1000), (1040, 1000), (7, 0)] {
            assert!(check_sum(found, used).is_ok(), "{found} of {used}");
        }
        for (found, used) in [(0, 1000), (900, 1000), (1100, 1000)] {
            let words = check_sum(found, used).unwrap_err().to_string();
            assert_eq!(words, format!("they have {found} bytes of objects, and V8 has {used} bytes in use"));
        }
    }
}
