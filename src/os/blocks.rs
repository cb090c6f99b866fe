//! Large blocks of malloc, which a child that reads V8's heap can do without: the contents of array buffers above all.
//!
//! glibc serves a large allocation by a mapping of its own (mallopt(3), `M_MMAP_THRESHOLD`). Before the block stand two words: what a header
//! holds of the block before (here zero), and the size of the mapping, a multiple of the page, with bit 1 set (malloc.c, `IS_MMAPPED`). The kernel shows neighbours
//! as one mapping, so the headers are followed from one to the next. The page with the header is not left out: `free` reads it, also in the child, when a dead
//! buffer is swept there.
//!
//! What a block holds cannot be told from outside. A child that needed one after all is ended by SIGSEGV, and the capture is tried again with everything in it.

use super::mappings::Range;

/// A block below this saves a fork less than it costs to leave it out.
const SMALLEST: usize = 1 << 20;
/// Each costs two system calls of a microsecond or two while the app stands still.
const MOST: usize = 512;
const PAGE: usize = 4096;
const IS_MMAPPED: u64 = 0b010;
const FLAGS: u64 = 0b111;

/// The pages of large blocks within `mappings`, without those of their headers. `read` gives two words at an address, or nothing where it is no longer mapped.
pub(super) fn large_blocks(mappings: &[Range], read: impl Fn(usize) -> Option<[u64; 2]>) -> Vec<Range> {
    let mut blocks: Vec<Range> = mappings.iter().flat_map(|mapping| blocks_of(*mapping, &read)).collect();
    blocks.sort_unstable_by_key(|block| std::cmp::Reverse(block.end - block.start));
    blocks.truncate(MOST);
    blocks
}

fn blocks_of(mapping: Range, read: &impl Fn(usize) -> Option<[u64; 2]>) -> Vec<Range> {
    let mut blocks = Vec::new();
    let mut start = mapping.start;
    while start + SMALLEST <= mapping.end {
        let Some([before, size]) = read(start) else { break };
        let length = usize::try_from(size & !FLAGS).unwrap_or(usize::MAX);
        let fits = length <= mapping.end - start && length >= PAGE && length % PAGE == 0;
        if before != 0 || size & FLAGS != IS_MMAPPED || !fits {
            // Something else begins here, and where it ends is not known.
            break;
        }
        if length >= SMALLEST {
            blocks.push(Range { start: start + PAGE, end: start + length });
        }
        start += length;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const MIB: usize = 1 << 20;

    fn find(mapping: Range, headers: &[(usize, [u64; 2])]) -> Vec<Range> {
        let headers: BTreeMap<usize, [u64; 2]> = headers.iter().copied().collect();
        large_blocks(&[mapping], |address| headers.get(&address).copied())
    }

    fn header(length: usize) -> [u64; 2] {
        [0, length as u64 | IS_MMAPPED]
    }

    #[test]
    fn neighbours_in_one_mapping_are_followed_and_small_ones_stepped_over() {
        let start = 0x7000_0000;
        let small = start + 2 * MIB;
        let last = small + 8 * PAGE;
        let mapping = Range { start, end: last + 3 * MIB };
        let found = find(mapping, &[(start, header(2 * MIB)), (small, header(8 * PAGE)), (last, header(3 * MIB))]);
        let expected =
            [Range { start: last + PAGE, end: last + 3 * MIB }, Range { start: start + PAGE, end: start + 2 * MIB }];
        assert_eq!(found, expected, "the largest first, each without the page of its header");
    }

    #[test]
    fn what_is_no_block_of_malloc_is_left_in() {
        let start = 0x7000_0000;
        let mapping = Range { start, end: start + 4 * MIB };
        let size = |bytes: usize| bytes as u64;
        for words in
            [[0, 0], [1, size(4 * MIB) + 2], [0, size(4 * MIB) + 4], [0, size(8 * MIB) + 2], [0, size(2 * MIB + 8) + 2]]
        {
            assert_eq!(find(mapping, &[(start, words)]), [], "{words:x?}");
        }
        assert_eq!(find(mapping, &[]), [], "it is not mapped any more");
    }
}
