//! What is held from outside of the heap by global handles: the list that V8 has of them, found from the isolate.
//!
//! The binary's metadata says nothing of it. It is known by its form, which is the same in all versions seen (`src/handles/global-handles.cc` of V8), and by everything in it
//! pointing back:
//!
//! ```text
//! isolate … -> GlobalHandles: [isolate, NodeSpace, …]
//!              NodeSpace:     [GlobalHandles, first NodeBlock, …]
//!              NodeBlock:     256 nodes of four words, then the next NodeBlock
//!              node:          [object, class id (2 bytes), number within its block (1 byte), flags (1 byte), …]
//! ```
//!
//! Where any of that is otherwise there are no handles, and what they hold is told to be held from native code.

use super::chunk::Peek;
use super::outside::Outside;
use super::regions::pointee;

const NODES: usize = 256;
const NODE_WORDS: usize = 4;
const BLOCK_WORDS: usize = NODES * NODE_WORDS + 1;
/// Blocks that are read: sixteen million handles.
const MOST_BLOCKS: usize = 1 << 16;
/// The two lowest bits of a node's flags are its state.
const STATE: u64 = 3;
/// Neither free nor weak.
const NORMAL: u64 = 1;

/// The objects that strong global handles hold, by address and in order; none where their list was not found, since no process is without.
pub fn strong_handles(outside: &Outside<'_>) -> Vec<u64> {
    let Outside { isolate, words, peek, .. } = *outside;
    words.iter().find_map(|word| first_block(*word, isolate, peek)).map_or_else(Vec::new, |first| objects(first, peek))
}

/// The first block, if `handles` is where the isolate has its GlobalHandles.
fn first_block(handles: u64, isolate: u64, peek: Peek<'_>) -> Option<u64> {
    let [owner, space] = pair(handles, peek)?;
    if owner != isolate {
        return None;
    }
    let [back, block] = pair(space, peek)?;
    let mut words = [0; BLOCK_WORDS];
    (back == handles && peek(block, &mut words) && is_block(&words)).then_some(block)
}

fn pair(address: u64, peek: Peek<'_>) -> Option<[u64; 2]> {
    let mut words = [0; 2];
    (address != 0 && address.is_multiple_of(8) && peek(address, &mut words)).then_some(words)
}

/// Each node knows its number.
fn is_block(words: &[u64; BLOCK_WORDS]) -> bool {
    (0..NODES).all(|at| words[at * NODE_WORDS + 1] >> 16 & 0xff == at as u64)
}

fn objects(first: u64, peek: Peek<'_>) -> Vec<u64> {
    let mut objects = Vec::new();
    let mut words = [0; BLOCK_WORDS];
    let mut block = first;
    for _ in 0..MOST_BLOCKS {
        if block == 0 || !peek(block, &mut words) || !is_block(&words) {
            break;
        }
        let held = words.chunks_exact(NODE_WORDS).filter(|node| node[1] >> 24 & STATE == NORMAL);
        objects.extend(held.filter_map(|node| pointee(node[0])));
        block = words[BLOCK_WORDS - 1];
    }
    objects.sort_unstable();
    objects.dedup();
    objects
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISOLATE: u64 = 0x10000;
    const HANDLES: u64 = 0x20000;
    const SPACE: u64 = 0x21000;
    const FIRST: u64 = 0x30000;
    const SECOND: u64 = 0x40000;

    fn block(next: u64, nodes: &[(u64, u64)]) -> Vec<u64> {
        let mut words: Vec<u64> = (0..NODES as u64).flat_map(|at| [0, at << 16, 0, 0]).collect();
        for (at, (object, flags)) in nodes.iter().enumerate() {
            words[at * NODE_WORDS] = *object;
            words[at * NODE_WORDS + 1] |= flags << 24;
        }
        words.push(next);
        words
    }

    fn handles(memory: &[(u64, Vec<u64>)]) -> Vec<u64> {
        let peek = |address: u64, words: &mut [u64]| {
            let found = memory.iter().find(|(base, there)| (*base..*base + 8 * there.len() as u64).contains(&address));
            let Some((base, there)) = found else { return false };
            let from = ((address - base) / 8) as usize;
            let Some(there) = there.get(from..from + words.len()) else { return false };
            words.copy_from_slice(there);
            true
        };
        strong_handles(&Outside { isolate: ISOLATE, words: &[7, SPACE, HANDLES], peek: &peek, stack: &[] })
    }

    fn memory() -> Vec<(u64, Vec<u64>)> {
        vec![
            (HANDLES, vec![ISOLATE, SPACE]),
            (SPACE, vec![HANDLES, FIRST]),
            // Strong, weak, free, strong with other flags.
            (FIRST, block(SECOND, &[(0x5001, 1), (0x5009, 2), (0x5011, 0), (0x5019, 0xf1)])),
            (SECOND, block(0, &[(0x4ff9, 1), (0x5001, 1), (8, 1)])),
        ]
    }

    #[test]
    fn strong_handles_of_all_blocks_are_found_each_object_once() {
        assert_eq!(handles(&memory()), [0x4ff8, 0x5000, 0x5018]);
    }

    #[test]
    fn where_something_points_elsewhere_there_are_none() {
        for (at, word) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 5)] {
            let mut memory = memory();
            memory[at].1[word] = 0x7777_0000;
            assert_eq!(handles(&memory), [] as [u64; 0], "{at} {word}");
        }
        // A list that ends in the unknown gives what it had, and a ring of blocks comes to an end.
        let mut cut = memory();
        cut[3].1[1] = 5 << 16;
        assert_eq!(handles(&cut), [0x5000, 0x5018]);
        let mut ring = memory();
        *ring[3].1.last_mut().unwrap() = FIRST;
        assert_eq!(handles(&ring), handles(&memory()));
    }
}
