//! Pages of a heap from any bytes: with maps that say anything of objects that point anywhere.

use std::ops::Range;
use std::sync::OnceLock;

use leakhunt::heap::Graph;
use leakhunt::pages::{
    ALIGNMENT, Chunk, Layout, Outside, Region, Regions, Walker, build_graph, find_chunks, take_census,
};

/// What four stock binaries say of themselves.
const METADATA: &str = include_str!("../src/pages/builder/metadata.txt");
const CLASSES: [&str; 16] = [
    "JSObject",
    "JSFunction",
    "SharedFunctionInfo",
    "FixedArray",
    "PropertyArray",
    "DescriptorArray",
    "TransitionArray",
    "BytecodeArray",
    "EphemeronHashTable",
    "WeakCell",
    "Oddball",
    "AccessorPair",
    "ScopeInfo",
    "Script",
    "JSWeakMap",
    "FeedbackMetadata",
];
const BASE: u64 = 8 * ALIGNMENT;
const START: u64 = BASE + 0x10;
const POINTER: u64 = 1;

/// The layout of the stock Node in this column of the metadata. Read once: it takes longer than a page does.
fn layout_of(column: usize) -> &'static Layout {
    static LAYOUTS: [OnceLock<Layout>; 4] = [const { OnceLock::new() }; 4];
    LAYOUTS[column].get_or_init(|| {
        let entry = |name: &str| {
            let line = METADATA.lines().find(|line| line.split(' ').next() == Some(name))?;
            line.split(' ').nth(1 + column)?.parse().ok()
        };
        Layout::read(entry).expect("stock binaries have all that is needed")
    })
}

/// A page word by word: each four bytes of the program are an order.
struct Page {
    layout: &'static Layout,
    words: Vec<u64>,
    objects: Vec<u64>,
    maps: Vec<u64>,
    unused: Vec<Range<u64>>,
    flags: u64,
}

impl Page {
    fn new(layout: &'static Layout) -> Page {
        let mut page =
            Page { layout, words: vec![0; 2], objects: vec![START], maps: Vec::new(), unused: Vec::new(), flags: 4 };
        let map = page.layout.types.map;
        page.map(map, 9, 0);
        page
    }

    fn next(&self) -> u64 {
        BASE + self.words.len() as u64 * 8
    }

    fn near(&self, back: usize) -> u64 {
        self.objects[self.objects.len() - 1 - back % self.objects.len()] + POINTER
    }

    fn map(&mut self, instance_type: u16, size_in_words: usize, seed: usize) {
        let address = self.next();
        self.objects.push(address);
        self.maps.push(address);
        let said = size_in_words as u64 | (seed as u64 % 8) << 8 | u64::from(instance_type) << 32;
        self.words.extend([START + POINTER, said | (seed as u64 & 3) << 56, (seed as u64) << 10]);
        let pointers: Vec<u64> = (0..6).map(|word| self.near(seed + word)).collect();
        self.words.extend(pointers);
    }

    fn obey(&mut self, [what, a, b, c]: [usize; 4]) {
        let map = self.maps[self.maps.len() - 1 - a % self.maps.len()] + POINTER;
        match what % 8 {
            0 => {
                let class = CLASSES[a % CLASSES.len()];
                let known = self.layout.types.of_class(class);
                // Or any type at all.
                let kind = if what >= 128 { (a << 8 | c) as u16 } else { known.unwrap_or(a as u16) };
                self.map(kind, b, c);
            }
            1 | 2 => {
                let address = self.next();
                let pointer = |bit: usize| c >> (bit % 8) & 1 == 1;
                let words: Vec<u64> = (0..b % 16)
                    .map(|word| if pointer(word) { self.near(c + word * what) } else { (c as u64 % 9) << 32 })
                    .collect();
                self.objects.push(address);
                self.words.push(map);
                self.words.extend(words);
            }
            3 => {
                self.map(a as u16 % 64, 0, 0);
                let map = self.maps[self.maps.len() - 1] + POINTER;
                self.objects.push(self.next());
                self.words.extend([map, (b as u64) << 32]);
                self.words.extend(std::iter::repeat_n(c as u64 * 0x0101_0101_0101_0101, b.div_ceil(8) % 16));
            }
            4 | 5 => {
                let at = (a << 8 | b) % self.words.len();
                self.words[at] = if what % 8 == 4 { self.near(c) } else { (c as u64) << (8 * (what / 8 % 8)) };
            }
            6 => self.words.push(u64::from_le_bytes([a, b, c, what, a, c, b, 0].map(|byte| byte as u8))),
            _ => {
                let from = START + (a as u64) * 8;
                self.unused.push(from..from + (b as u64) * 8);
                self.flags = (c as u64) << 2;
            }
        }
    }
}

/// The bytes are a Node's version and orders to build a page. All that reads pages reads it; the graph is given back.
pub fn heap_of(data: &[u8]) -> Option<Graph> {
    let (&column, program) = data.split_first()?;
    let mut page = Page::new(layout_of(usize::from(column) % 4));
    program.as_chunks::<4>().0.iter().for_each(|order| page.obey(order.map(usize::from)));
    let end = page.next();
    let chunk = Chunk { base: BASE, start: START, end, flags: page.flags, high_water: 0, owner: 1, heap: 1 };
    // Whatever lies outside of the page is the same words again: lists of handles and texts may be anything.
    let peek = |address: u64, words: &mut [u64]| {
        let from = (address % BASE / 8) as usize;
        let Some(there) = page.words.get(from..from.saturating_add(words.len())) else { return false };
        words.copy_from_slice(there);
        true
    };
    let regions = Regions::new(vec![Region { base: BASE, words: &page.words }]).with_elsewhere(&peek);
    let outside = Outside { isolate: BASE, words: &page.words, peek: &peek, stack: &page.words };
    let room = end - START;

    let mut walker = Walker::new(&regions, page.layout, page.unused.clone());
    let mut last = START;
    walker.walk(&chunk, |_, object| {
        assert!(object.address >= last && object.address + object.size <= end, "an object is where another is");
        last = object.address + object.size;
    });
    assert!(walker.walked.objects + walker.walked.free + walker.walked.unnamed <= room);

    let mut census = take_census(&regions, page.layout, &[chunk], page.unused.clone(), true);
    census.shorten(5);
    assert!(census.total_bytes <= room && census.classes.len() <= 5, "{census:?}");
    serde_json::to_string(&census).expect("plain data");
    Some(build_graph(&regions, page.layout, &[chunk], page.unused.clone(), &outside).graph)
}

/// The bytes are memory in which pages are looked for.
pub fn pages_in(data: &[u8]) {
    const RANGE: Range<u64> = 0..4 * ALIGNMENT;
    let word = |at: u64| data.as_chunks::<8>().0.get(at as usize).map_or(0, |word| u64::from_le_bytes(*word));
    let peek = |address: u64, words: &mut [u64]| {
        // A page's header is at its beginning, and each page has its part of the bytes.
        let at = address / ALIGNMENT * 16 + address % ALIGNMENT / 8;
        words.iter_mut().enumerate().for_each(|(index, place)| *place = word(at + index as u64));
        address < RANGE.end
    };
    for chunk in find_chunks(&[RANGE], &(0..u64::MAX), &peek) {
        assert!(chunk.base % ALIGNMENT == 0 && chunk.base < chunk.start && chunk.start <= chunk.end, "{chunk:?}");
    }
}
