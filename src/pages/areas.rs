//! Linear allocation areas: the stretch of a page that V8 allocates from by moving a pointer. Between that pointer, the top, and the area's limit stands whatever
//! was there before, which no filler covers.

use super::chunk::Chunk;
use std::ops::Range;

/// From top to limit, for each area that the words at the beginning of the isolate describe. V8 keeps those of the young and the old generation there as three
/// words each (start, top, limit), at places that no binary exports: so they are known by being in order and within one page.
pub fn allocation_areas(isolate: &[u64], chunks: &[Chunk]) -> Vec<Range<u64>> {
    let mut areas: Vec<Range<u64>> = isolate
        .windows(3)
        .filter_map(|words| {
            let [start, top, limit] = *words else { return None };
            let aligned = words.iter().all(|word| word.is_multiple_of(8));
            let ordered = start != 0 && start <= top && top <= limit;
            let page = || chunks.iter().any(|chunk| chunk.start <= start && limit <= chunk.end);
            (aligned && ordered && page()).then_some(top..limit)
        })
        .collect();
    areas.sort_unstable_by_key(|area| (area.start, area.end));
    areas.dedup();
    areas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_words_in_order_on_one_page_are_an_area() {
        let chunk = Chunk { base: 0x40000, start: 0x41000, end: 0x80000, flags: 0, high_water: 0, owner: 1, heap: 1 };
        // The one before last is words of two areas, taken for a full one: nothing is left out for it.
        let isolate = [7, 0x41000, 0x42000, 0x43000, 0, 0x42000, 0x41000, 0x43000, 0x50000, 0x50000, 0x90000];
        assert_eq!(allocation_areas(&isolate, &[chunk]), [0x42000..0x43000, 0x43000..0x50000, 0x50000..0x50000]);
        assert!(allocation_areas(&isolate, &[]).is_empty());
    }
}
