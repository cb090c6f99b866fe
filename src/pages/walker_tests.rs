//! Pages built word by word. What is walked here of each kind was seen on a real heap first.

use super::*;
use crate::pages::builder::{NODES, Page, smi, to};
use proptest::prelude::*;

/// Addresses and sizes of what is behind the maps, and what was walked in all.
fn walk(page: &Page, from: u64, unused: Vec<Range<u64>>) -> (Vec<(u64, u64)>, Walked) {
    let regions = page.regions();
    let mut walker = Walker::new(&regions, &page.layout, unused);
    let mut found = Vec::new();
    walker.walk(&page.chunk(), |_, object| found.push((object.address, object.size)));
    found.retain(|(address, _)| *address >= from);
    (found, walker.walked)
}

#[test]
fn objects_follow_each_other_by_their_sizes_on_each_node() {
    for major in NODES {
        let mut page = Page::new(major);
        let fixed = page.map_of("JSObject", 3);
        let array = page.map_of("FixedArray", 0);
        let one_byte = page.map(40, 0);
        let properties = page.map_of("PropertyArray", 0);
        let bytecode = page.map_of("BytecodeArray", 0);
        let from = page.next();
        page.object(&[to(fixed), 0, 0]);
        page.object(&[to(array), smi(2), to(fixed), to(array)]);
        page.object(&[to(one_byte), 9 << 32, to(fixed), 1]);
        page.object(&[to(properties), smi(0xabc01), to(fixed)]);
        let header = page.layout.bytecodes.unwrap();
        let words = (header + 3).div_ceil(8) as usize;
        let mut code = vec![0; words];
        (code[0], code[1]) = (to(bytecode), smi(3));
        page.object(&code);
        page.object(&[to(fixed), 0, 0]);
        let (found, walked) = walk(&page, from, Vec::new());
        let sizes: Vec<u64> = found.iter().map(|(_, size)| *size).collect();
        assert_eq!(sizes, [24, 32, 32, 24, words as u64 * 8, 24], "Node {major}");
        assert_eq!((walked.free, walked.unnamed), (0, 0));
        assert_eq!(walked.objects, page.next() - Page::START);
    }
}

#[test]
fn areas_that_overlap_are_walked_around_once() {
    let mut page = Page::new(24);
    let fixed = page.map_of("JSObject", 3);
    let from = page.next();
    for _ in 0..6 {
        page.object(&[to(fixed), 0, 0]);
    }
    let at = |object: u64| from + 24 * object;
    for unused in [vec![at(1)..at(4), at(2)..at(3)], vec![at(1)..at(3), at(2)..at(4)]] {
        let (found, walked) = walk(&page, from, unused);
        assert_eq!(found, [0, 4, 5].map(|object| (at(object), 24)));
        assert_eq!(walked.free, 72);
        assert_eq!(walked.objects + walked.free + walked.unnamed, page.next() - Page::START);
    }
    let (_, walked) = walk(&page, from, std::iter::once(at(5)..at(9)).collect());
    assert_eq!(walked.objects + walked.free, page.next() - Page::START);
}

#[test]
fn gaps_are_no_objects_whether_they_count_bytes_or_words() {
    for bytes in [true, false] {
        let mut page = Page::new(24);
        let fixed = page.map_of("JSObject", 3);
        let (filler, free) = (page.layout.types.filler, page.layout.types.free_space);
        let (one_word, free) = (page.map(filler, 1), page.map(free, 0));
        let from = page.next();
        let size = |words| smi(if bytes { words * 8 } else { words });
        page.object(&[to(one_word)]);
        // What stood there before is not looked at.
        page.object(&[to(free), size(6), 0, to(fixed), 0, 0]);
        page.object(&[to(fixed), 0, 0]);
        page.object(&[to(free), size(3), 0]);
        page.object(&[to(fixed), 0, 0]);
        let (found, walked) = walk(&page, from, Vec::new());
        assert_eq!(found.len(), 2);
        assert_eq!((walked.free, walked.unnamed), (80, 0));
    }
}

#[test]
fn arrays_with_fields_of_their_own_end_where_the_next_object_begins() {
    let mut page = Page::new(24);
    let fixed = page.map_of("JSObject", 3);
    let boilerplate = page.map_of("ObjectBoilerplateDescription", 0);
    let from = page.next();
    page.object(&[to(boilerplate), smi(1), smi(4), 0, to(fixed) + 2]);
    page.object(&[to(fixed), 0, 0]);
    page.object(&[to(boilerplate), smi(0), smi(4), 0]);
    page.object(&[to(fixed), 0, 0]);
    let (found, walked) = walk(&page, from, Vec::new());
    assert_eq!(found.iter().map(|(_, size)| *size).collect::<Vec<_>>(), [40, 24, 32, 24]);
    assert_eq!(walked.unnamed, 0);
}

#[test]
fn what_is_no_object_is_counted_and_the_walk_goes_on_behind_it() {
    let mut page = Page::new(22);
    let fixed = page.map_of("JSObject", 3);
    let from = page.next();
    page.object(&[to(fixed), 0, 0]);
    page.object(&[7, 9]);
    let second = page.object(&[to(fixed), 0, 0]);
    let (found, walked) = walk(&page, from, Vec::new());
    assert_eq!((found.len(), found[1].0, walked.unnamed), (2, second, 16));
}

#[test]
fn code_ends_where_the_next_code_begins_or_nothing_was_ever_written() {
    let mut page = Page::new(24);
    let (stream, code_map) = (page.map_of("InstructionStream", 0), page.map_of("Code", 2));
    let fixed = page.map_of("JSObject", 3);
    let code = page.object(&[to(code_map), 0]);
    let from = page.next();
    // Machine code may have a pointer to a map in it, even to that of its own kind.
    page.object(&[to(stream), to(code), 7, to(fixed), to(stream), 9]);
    page.object(&[to(stream), to(code), 7, 0, 9]);
    page.object(&[0; 40]);
    let (found, walked) = walk(&page, from, Vec::new());
    assert_eq!(found, [(from, 48), (from + 48, 40)]);
    assert_eq!((walked.free, walked.unnamed), (320, 0));
}

#[test]
fn a_length_beyond_the_page_makes_no_object_of_that_size() {
    let mut page = Page::new(26);
    let array = page.map_of("FixedArray", 0);
    let from = page.next();
    page.object(&[to(array), smi(1 << 20), 1, 2]);
    let (found, _) = walk(&page, from, Vec::new());
    assert_eq!(found, [(from, 32)], "up to the next start, or the end of the page");
}

#[test]
fn where_v8_is_about_to_allocate_nothing_is_looked_at() {
    let mut page = Page::new(24);
    let fixed = page.map_of("JSObject", 3);
    let from = page.next();
    page.object(&[to(fixed), 0, 0]);
    let top = page.object(&[to(fixed), 0, 0]);
    let limit = page.next();
    page.object(&[to(fixed), 0, 0]);
    let (found, walked) = walk(&page, from, std::iter::once(top..limit).collect());
    assert_eq!((found.len(), walked.free), (2, 24));
}

#[test]
fn young_pages_are_read_as_far_as_they_were_filled_and_those_left_behind_not_at_all() {
    let mut page = Page::new(24);
    let fixed = page.map_of("JSObject", 3);
    for _ in 0..3 {
        page.object(&[to(fixed), 0, 0]);
    }
    let walked = |flags, high_water| {
        let (regions, mut count) = (page.regions(), 0);
        let mut walker = Walker::new(&regions, &page.layout, Vec::new());
        let chunk = Chunk { flags, high_water, ..page.chunk() };
        walker.walk(&chunk, |_, object| count += u32::from(object.size == 24));
        count
    };
    let filled = page.next() - 24 - Page::BASE;
    assert_eq!((walked(4, filled), walked(0x10, filled), walked(0x8, filled)), (3, 2, 0));
}

proptest! {
    /// Whatever is on a page, the walk ends, and every byte of it is accounted for once.
    #[test]
    fn any_page_is_walked_to_its_end(words in proptest::collection::vec(0u64..0x10_0000, 0..200), tags in proptest::collection::vec(0u64..3, 200)) {
        let mut page = Page::new(24);
        let names = ["JSObject", "FixedArray", "FeedbackVector", "ObjectBoilerplateDescription", "PreparseData", "BytecodeArray"];
        let maps: Vec<u64> = names.iter().map(|name| page.map_of(name, u8::from(*name == "JSObject") * 3)).collect();
        let free = page.layout.types.free_space;
        let free = page.map(free, 0);
        for (word, tag) in words.iter().zip(&tags) {
            let map = maps.iter().chain([&free]).nth((*word % 7) as usize).copied().unwrap_or(free);
            page.object(&[match tag { 0 => to(map), 1 => smi(*word % 40), _ => *word }]);
        }
        let (found, walked) = walk(&page, 0, Vec::new());
        prop_assert_eq!(walked.objects + walked.free + walked.unnamed, page.next() - Page::START);
        prop_assert_eq!(found.iter().map(|(_, size)| *size).sum::<u64>(), walked.objects);
    }
}
