//! V8's pages: aligned chunks of 256 KiB, or larger ones for a single large object, with a header that says where objects are.
//!
//! No binary exports the layout of the header, and it has changed twice: the forms that are known are here, and a chunk counts as one of V8's
//! only if everything that its form says agrees ([`Form::read`]). So a header of another form is a page that is not found, never one that is misread.

use std::ops::Range;

/// Every chunk begins at a multiple of this.
pub const ALIGNMENT: u64 = 256 << 10;

/// Objects begin this close to the beginning of a chunk: in code pages behind two pages of header and guard.
const FARTHEST_START: u64 = 64 << 10;
/// More than any heap has.
const LARGEST: u64 = 1 << 36;
/// Flags that say that a page is in the young generation: the half that was collected, and the one in use. Bits 3 and 4 in all versions seen.
const FROM_PAGE: u64 = 1 << 3;
const TO_PAGE: u64 = 1 << 4;

/// One of V8's pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub base: u64,
    /// The first object's address.
    pub start: u64,
    /// Behind the last object.
    pub end: u64,
    pub flags: u64,
    /// How far the page has ever been filled, from its base.
    pub high_water: u64,
    /// V8's Space, as an address: pages of one space have it in common. 0 for the read-only space.
    pub owner: u64,
    /// 0 for pages that belong to no isolate: the read-only space, which all share.
    pub heap: u64,
}

/// Where one generation of V8 has the words of a page's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The word with the flags, which is always within the page.
    flags: usize,
    /// The word with a pointer to the others, where they are not within the page.
    elsewhere: Option<usize>,
    size: usize,
    heap: usize,
    start: usize,
    end: usize,
    high_water: usize,
    owner: usize,
}

/// Words that have to be read to judge a header.
pub const HEADER_WORDS: usize = 12;

/// The forms seen: Node 20 (V8 11.3), Node 22 (12.4), Node 24 and 26 (13.6, 14.6). Read off live pages; their names are those of `src/heap` in V8.
pub const FORMS: [Form; 3] = [
    Form { flags: 1, elsewhere: None, size: 0, heap: 2, start: 3, end: 4, high_water: 7, owner: 8 },
    Form { flags: 0, elsewhere: None, size: 2, heap: 3, start: 4, end: 5, high_water: 8, owner: 9 },
    Form { flags: 0, elsewhere: Some(1), size: 6, heap: 8, start: 9, end: 7, high_water: 5, owner: 10 },
];

/// Reads words of the process at an address; `false` where they cannot be read.
pub type Peek<'a> = &'a dyn Fn(u64, &mut [u64]) -> bool;

impl Form {
    /// The chunk at `base`, if it is one in this form. `heaps` is where the heap of the isolate that is asked for can be: pages of others are none.
    pub fn read(&self, base: u64, heaps: &Range<u64>, peek: Peek<'_>) -> Option<Chunk> {
        let mut header = [0; HEADER_WORDS];
        if !peek(base, &mut header) {
            return None;
        }
        let flags = header[self.flags];
        if let Some(at) = self.elsewhere {
            let address = header[at];
            if address == 0 || !address.is_multiple_of(8) || !peek(address, &mut header) {
                return None;
            }
        }
        let chunk = Chunk {
            base,
            start: header[self.start],
            end: header[self.end],
            flags,
            high_water: header[self.high_water],
            owner: header[self.owner],
            heap: header[self.heap],
        };
        let size = header[self.size];
        let sound = chunk.start > base
            && chunk.start < base + FARTHEST_START
            && chunk.start.is_multiple_of(8)
            && size < LARGEST
            && chunk.end > chunk.start
            && chunk.end <= base + size
            && chunk.high_water <= size
            && (chunk.heap == 0 && chunk.owner == 0 || heaps.contains(&chunk.heap) && chunk.owner != 0);
        sound.then_some(chunk)
    }
}

impl Chunk {
    pub fn is_read_only(&self) -> bool {
        self.heap == 0
    }

    /// The half of the young generation that holds nothing alive.
    pub fn is_left_behind(&self) -> bool {
        self.flags & FROM_PAGE != 0
    }

    /// The half that is in use.
    pub fn is_young(&self) -> bool {
        self.flags & TO_PAGE != 0
    }
}

/// The chunks among `ranges`, which are whatever memory of the process can be read. All have one form: the one that more of them have.
pub fn find_chunks(ranges: &[Range<u64>], heaps: &Range<u64>, peek: Peek<'_>) -> Vec<Chunk> {
    let bases = || {
        ranges.iter().flat_map(|range| {
            let first = range.start.div_ceil(ALIGNMENT);
            (first..range.end.div_ceil(ALIGNMENT)).map(|number| number * ALIGNMENT)
        })
    };
    let found = FORMS.map(|form| bases().filter_map(|base| form.read(base, heaps, peek)).collect::<Vec<_>>());
    found.into_iter().max_by_key(Vec::len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: u64 = 5 * ALIGNMENT;
    const METADATA: u64 = 0x9000;
    const HEAPS: Range<u64> = 0x6000..0x8000;

    type Header = [u64; HEADER_WORDS];

    fn header(words: &[(usize, u64)]) -> Header {
        let mut header = [0; HEADER_WORDS];
        words.iter().for_each(|(at, word)| header[*at] = *word);
        header
    }

    fn find(header: Header, metadata: Header) -> Vec<Chunk> {
        let ranges = [BASE - 8..BASE + ALIGNMENT, 0..64];
        find_chunks(&ranges, &HEAPS, &|address, words| {
            let known = [(BASE, header), (METADATA, metadata)].into_iter().find(|(at, _)| *at == address);
            known.is_some_and(|(_, known)| {
                words.copy_from_slice(&known[..words.len()]);
                true
            })
        })
    }

    const NONE: Header = [0; HEADER_WORDS];

    #[test]
    fn each_form_is_read() {
        let (start, end) = (BASE + 0x1148, BASE + ALIGNMENT);
        let oldest = [(0, ALIGNMENT), (1, 4), (2, 0x7000), (3, start), (4, end), (7, 0x2000), (8, 0x7008)];
        let middle = [(0, 4), (2, ALIGNMENT), (3, 0x7000), (4, start), (5, end), (8, 0x2000), (9, 0x7008)];
        let newest = [(5, 0x2000), (6, ALIGNMENT), (7, end), (8, 0x7000), (9, start), (10, 0x7008)];
        let chunk = Chunk { base: BASE, start, end, flags: 4, high_water: 0x2000, owner: 0x7008, heap: 0x7000 };
        assert_eq!(find(header(&oldest), NONE), [chunk]);
        assert_eq!(find(header(&middle), NONE), [chunk]);
        assert_eq!(find(header(&[(0, 4), (1, METADATA)]), header(&newest)), [chunk]);
        assert!(find(header(&[(0, 4), (1, METADATA + 8)]), header(&newest)).is_empty(), "metadata that cannot be read");
    }

    #[test]
    fn what_does_not_agree_with_itself_or_is_another_isolates_is_no_page() {
        let sound = [(0, ALIGNMENT), (2, 0x7000), (3, BASE + 0x1148), (4, BASE + ALIGNMENT), (7, 0), (8, 1)];
        assert_eq!(find(header(&sound), NONE).len(), 1);
        for (at, word) in [(0, 8), (2, 0x5000), (3, BASE), (3, BASE + 0x1149), (4, BASE + 8), (7, 1 << 20), (8, 0)] {
            let mut broken = header(&sound);
            broken[at] = word;
            assert!(find(broken, NONE).is_empty(), "{at} {word}");
        }
        let read_only = [(0, ALIGNMENT), (3, BASE + 0x1148), (4, BASE + ALIGNMENT)];
        assert!(find(header(&read_only), NONE)[0].is_read_only());
    }
}
