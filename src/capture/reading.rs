//! The pages of the isolate's heap, lent to whoever reads them in a forked child.

use crate::os::HeapMemory;
use crate::pages::{Chunk, Region, Regions, allocation_areas, find_chunks};
use std::io;
use std::ops::Range;

/// V8 has its heap within the isolate, which is smaller than this in all versions.
const ISOLATE: u64 = 1 << 20;
/// Words at the beginning of an isolate among which are its allocation areas.
const ISOLATE_WORDS: usize = 4096;

/// Finds the pages of an isolate by its address, and lends them to `work` with the areas in which nothing has been allocated yet.
pub fn read_pages<R>(isolate: u64, work: impl FnOnce(&Regions<'_>, &[Chunk], Vec<Range<u64>>) -> R) -> io::Result<R> {
    let memory = HeapMemory::scan()?;
    let peek = |address: u64, words: &mut [u64]| memory.peek(address, words);
    let chunks = find_chunks(memory.mappings(), &(isolate..isolate + ISOLATE), &peek);
    let mut words = vec![0; ISOLATE_WORDS];
    let areas = if peek(isolate, &mut words) { allocation_areas(&words, &chunks) } else { Vec::new() };
    let ranges: Vec<_> = chunks.iter().map(|chunk| chunk.base..chunk.end).collect();
    let read = memory.lend(&ranges, |parts| {
        let regions = Regions::new(parts.into_iter().map(|(base, words)| Region { base, words }).collect());
        work(&regions, &chunks, areas)
    });
    // With threads there is no reading: a child that has some is none of ours.
    read.ok_or_else(|| io::ErrorKind::Unsupported.into())
}

/// Whether what was found on the pages is what V8 says is in use, but for a twentieth: pages of a form that is not known would be missing. It is within a
/// thousandth where all is well. Nothing is said where V8 does not tell.
pub fn adds_up(found: u64, used: u64) -> bool {
    used == 0 || found.abs_diff(used) <= used / 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heap_of_which_pages_are_missing_does_not_add_up() {
        assert!(adds_up(1000, 1000) && adds_up(960, 1000) && adds_up(1040, 1000) && adds_up(7, 0));
        assert!(!adds_up(0, 1000) && !adds_up(900, 1000) && !adds_up(1100, 1000));
    }
}
