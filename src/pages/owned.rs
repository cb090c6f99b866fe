//! What belongs to one object alone beside itself, by V8's design: the arrays of its elements and properties, the table of a Map, the memory of a buffer, the
//! characters of an external string.
//!
//! Arrays that several objects share are nobody's: what is in read-only memory (V8's empty ones), and elements that are copied when one of those that share them
//! writes (arrays made of a literal).

use super::chunk::{ALIGNMENT, Chunk};
use super::layout::Layout;
use super::maps::{MapInfo, Maps, instance_type};
use super::regions::{Regions, pointee};
use super::size::Rule;
use super::text::{EXTERNAL, ONE_BYTE, REPRESENTATION};
use super::walker::{Object, Walker};

/// No memory outside of the heap is larger: a length beyond it was misread.
const LARGEST_OUTSIDE: u64 = 1 << 46;

/// What objects of one map have of their own. Worked out once, from the type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parts {
    #[default]
    Nothing,
    /// Properties and elements, and what this word holds; 0 for no more.
    Arrays { table: u8 },
    /// The same, and memory outside of the heap.
    Buffer,
    /// Characters outside of the heap.
    Characters { bytes: u8 },
}

impl Parts {
    pub fn of(layout: &Layout, instance_type: u16) -> Self {
        let types = &layout.types;
        if types.is_string(instance_type) {
            return match instance_type & REPRESENTATION {
                EXTERNAL => Self::Characters { bytes: if instance_type & ONE_BYTE != 0 { 1 } else { 2 } },
                _ => Self::Nothing,
            };
        }
        if !types.is_receiver(instance_type) {
            return Self::Nothing;
        }
        if Some(instance_type) == types.bound_function {
            return Self::Arrays { table: 5 };
        }
        if types.is_generator(instance_type) {
            return Self::Arrays { table: 9 };
        }
        match types.class(instance_type).unwrap_or_default() {
            // They are laid out in another way.
            "JSProxy" | "WasmArray" | "WasmStruct" | "WasmObject" => Self::Nothing,
            "JSMap" | "JSSet" | "JSWeakMap" | "JSWeakSet" => Self::Arrays { table: 3 },
            "JSArrayBuffer" => Self::Buffer,
            _ => Self::Arrays { table: 0 },
        }
    }
}

/// Bytes that an object has of its own beside itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// On V8's heap, where they are objects that have classes as well.
    pub inside: u64,
    pub outside: u64,
}

/// Finds what an object's fields point to, without a search: a page is looked for by its number.
pub struct Owner<'a> {
    pages: Pages<'a>,
    properties: usize,
    buffer: Option<(usize, usize)>,
    fixed_array: u16,
    /// The map of FixedArrays that are never shared.
    unshared: Option<u64>,
    /// What properties and elements were last that are nobody's: those of nearly all objects that have none.
    nobodys: [u64; 2],
}

const ELEMENTS: usize = 2;

impl<'a> Owner<'a> {
    pub fn new(regions: &'a Regions<'a>, layout: &'a Layout, chunks: &[Chunk]) -> Self {
        let word = |offset: u64| (offset / 8) as usize;
        let edges = &layout.edges;
        Self {
            pages: Pages::new(regions, chunks),
            properties: word(layout.names.properties),
            buffer: edges.buffer_store.map(word).zip(edges.buffer_length.map(word)),
            fixed_array: layout.types.fixed_array,
            unshared: unshared_map(regions, layout, chunks),
            nobodys: [0; 2],
        }
    }

    #[inline]
    pub fn own(&mut self, maps: &mut Maps<'_>, parts: Parts, object: &Object<'_>) -> Own {
        match parts {
            Parts::Nothing => Own::default(),
            Parts::Arrays { table } => Own { inside: self.arrays(maps, table, object.words), outside: 0 },
            Parts::Buffer => Own { inside: self.arrays(maps, 0, object.words), outside: self.store(object.words) },
            Parts::Characters { bytes } => {
                Own { inside: 0, outside: object.words.get(1).map_or(0, |word| (word >> 32) * u64::from(bytes)) }
            }
        }
    }

    /// Bytes of an object's arrays.
    #[inline]
    pub fn arrays(&mut self, maps: &mut Maps<'_>, table: u8, words: &[u64]) -> u64 {
        let mut bytes = 0;
        for (place, word) in [self.properties, ELEMENTS].into_iter().enumerate() {
            let Some(word) = words.get(word).copied().filter(|word| *word != self.nobodys[place]) else { continue };
            match self.array(maps, word) {
                0 => self.nobodys[place] = word,
                more => bytes += more,
            }
        }
        if table != 0 {
            bytes += words.get(usize::from(table)).map_or(0, |word| self.array(maps, *word));
        }
        bytes
    }

    /// Bytes of the array that a word points to: 0 where it is no array, or nobody's.
    fn array(&self, maps: &mut Maps<'_>, word: u64) -> u64 {
        let Some([map, second, ..]) = pointee(word).and_then(|address| self.pages.from(address)) else { return 0 };
        let (map, second) = (*map, *second);
        let Some(found) = maps.of(map) else { return 0 };
        let MapInfo { address, instance_type, rule } = *maps.info(found);
        let is_shared = instance_type == self.fixed_array && self.unshared.is_some_and(|map| map != address);
        match rule {
            Rule::Words { .. } | Rule::PropertyArray | Rule::Bytes { header: 16 } if !is_shared => {
                rule.size(second).unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// Bytes of a buffer's memory. One whose bytes are in a typed array has a length, and no memory.
    fn store(&self, words: &[u64]) -> u64 {
        let Some((store, length)) = self.buffer else { return 0 };
        let [store, length] = [store, length].map(|word| words.get(word).copied().unwrap_or(0));
        if store != 0 && length < LARGEST_OUTSIDE { length } else { 0 }
    }
}

/// V8 makes this map first of all maps of its type, right at the beginning of read-only memory; the one of shared elements is made later.
fn unshared_map(regions: &Regions<'_>, layout: &Layout, chunks: &[Chunk]) -> Option<u64> {
    let types = &layout.types;
    let mut walker = Walker::new(regions, layout, Vec::new());
    let mut first: Option<u64> = None;
    for chunk in chunks.iter().filter(|chunk| chunk.is_read_only()) {
        walker.walk(chunk, |_, object| {
            if object.instance_type == types.map
                && instance_type(regions, layout, object.address) == Some(types.fixed_array)
            {
                first = Some(first.map_or(object.address, |first| first.min(object.address)));
            }
        });
    }
    first
}

/// Pages of the isolate by their number, in a table with open addressing.
struct Pages<'a> {
    slots: Vec<(u64, &'a [u64])>,
    shift: u32,
}

/// No page has it.
const FREE: u64 = u64::MAX;

impl<'a> Pages<'a> {
    fn new(regions: &'a Regions<'a>, chunks: &[Chunk]) -> Self {
        let size = (4 * chunks.len()).next_power_of_two().max(16);
        let mut pages = Self { slots: vec![(FREE, &[]); size], shift: 64 - size.trailing_zeros() };
        for chunk in chunks.iter().filter(|chunk| !chunk.is_read_only() && !chunk.is_left_behind()) {
            let Some(region) = regions.containing(chunk.base) else { continue };
            let from = ((chunk.base - region.base) / 8) as usize;
            let slot = pages.slot(chunk.base / ALIGNMENT);
            pages.slots[slot] = (chunk.base / ALIGNMENT, &region.words[from..]);
        }
        pages
    }

    /// Where a page is, or would be: a quarter of the slots is in use at most.
    #[inline]
    fn slot(&self, page: u64) -> usize {
        // Fibonacci hashing: the multiplier is 2^64 divided by the golden ratio.
        let mut slot = (page.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize;
        while self.slots[slot].0 != page && self.slots[slot].0 != FREE {
            slot = (slot + 1) % self.slots.len();
        }
        slot
    }

    /// What stands from an address on.
    #[inline]
    fn from(&self, address: u64) -> Option<&'a [u64]> {
        let (_, words) = self.slots[self.slot(address / ALIGNMENT)];
        words.get((address % ALIGNMENT / 8) as usize..)
    }
}
