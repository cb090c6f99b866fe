//! The walk: every object of a page, from the first one on, each beginning where the one before ended.
//!
//! V8 leaves no gap between objects that is not an object itself: where something was freed, there is a filler or a FreeSpace with a map and
//! a size of its own. So the walk is exact as long as every size is. Where one is not known, it goes on at the next word that points to a
//! map, and what it stepped over without an object to show for it is counted.

use super::chunk::Chunk;
use super::layout::Layout;
use super::maps::{MapIdx, Maps, type_of};
use super::regions::{Region, Regions, pointee};
use super::size::Rule;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// An object on a page.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    pub address: u64,
    pub map: MapIdx,
    pub instance_type: u16,
    /// Bytes.
    pub size: u64,
    /// What it is made of; the first word is the pointer to its map.
    pub words: &'a [u64],
}

/// What was walked over. Bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Objects, whatever they are.
    pub objects: u64,
    /// Fillers, free space and the rest of pages.
    pub free: u64,
    /// What lies between objects and is none that is known.
    pub unnamed: u64,
}

pub struct Walker<'a> {
    regions: &'a Regions<'a>,
    layout: &'a Layout,
    pub maps: Maps<'a>,
    /// Stretches in which V8 is about to allocate: what stands there is old.
    unused: Vec<Range<u64>>,
    /// For each type whose size has several candidates, those that have held for every object so far, as bits.
    learnt: FxHashMap<u16, u8>,
    pub walked: Walked,
}

impl<'a> Walker<'a> {
    /// `unused`: V8's linear allocation areas from their tops to their limits.
    pub fn new(regions: &'a Regions<'a>, layout: &'a Layout, mut unused: Vec<Range<u64>>) -> Self {
        unused.sort_unstable_by_key(|range| range.start);
        let maps = Maps::new(regions, layout);
        Self { regions, layout, maps, unused, learnt: FxHashMap::default(), walked: Walked::default() }
    }

    /// Hands every object of a page to `visit`.
    pub fn walk(&mut self, chunk: &Chunk, mut visit: impl FnMut(&mut Maps<'a>, &Object<'a>)) {
        if chunk.is_left_behind() {
            return;
        }
        let end = if chunk.is_young() { chunk.end.min(chunk.base + chunk.high_water) } else { chunk.end };
        let mut start = chunk.start;
        let unused: Vec<Range<u64>> =
            self.unused.iter().filter(|range| range.start >= start && range.start < chunk.end).cloned().collect();
        for gap in unused {
            self.walk_stretch(start..gap.start.min(end), &mut visit);
            // What is taken for two areas may be one within another, or lead beyond the page: nothing is walked over twice.
            let behind = gap.end.min(chunk.end).max(start);
            self.walked.free += behind - gap.start.max(start).min(behind);
            start = behind;
            if chunk.is_young() {
                // Young pages are filled from their beginning: behind the top there is nothing.
                return;
            }
        }
        if start < end {
            self.walk_stretch(start..end, &mut visit);
        }
    }

    fn walk_stretch(&mut self, stretch: Range<u64>, visit: &mut impl FnMut(&mut Maps<'a>, &Object<'a>)) {
        let Some(region) = self.regions.containing(stretch.start) else { return };
        let words = within(region, &stretch);
        let types = &self.layout.types;
        let (filler, free_space) = (types.filler, types.free_space);
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let Some(map) = self.maps.of(*word) else {
                let next = self.next_start(words, at + 1, None);
                let skipped = (next - at) as u64 * 8;
                // The rest of a page that one large object had for itself and no longer fills has no filler.
                let is_rest = next == words.len() && at > 0 && words[at] == 0;
                *(if is_rest { &mut self.walked.free } else { &mut self.walked.unnamed }) += skipped;
                at = next;
                continue;
            };
            let info = *self.maps.info(map);
            let left = &words[at..];
            let length = self.length(map, info.rule, left);
            let size = length as u64 * 8;
            if info.instance_type == filler || info.instance_type == free_space {
                self.walked.free += size;
            } else {
                self.walked.objects += size;
                let object = Object {
                    address: stretch.start + at as u64 * 8,
                    map,
                    instance_type: info.instance_type,
                    size,
                    words: &left[..length],
                };
                visit(&mut self.maps, &object);
            }
            at += length;
        }
    }

    /// The length of the object at the beginning of `left`, in words: at least one, at most all of them.
    #[inline]
    fn length(&mut self, map: MapIdx, rule: Rule, left: &[u64]) -> usize {
        let second = left.get(1).copied().unwrap_or(0);
        match rule.size(second) {
            Some(size) if size >= 8 && size <= left.len() as u64 * 8 => (size / 8) as usize,
            _ => self.length_by_trial(map, rule, second, left),
        }
    }

    /// The candidate behind which the next object begins. Where several do, the one that did for all of this type before.
    fn length_by_trial(&mut self, map: MapIdx, rule: Rule, second: u64, left: &[u64]) -> usize {
        let instance_type = self.maps.info(map).instance_type;
        let candidates = rule.candidates(second).map(|size| size.map(|size| (size / 8) as usize));
        let mut holds = 0u8;
        for (at, candidate) in candidates.into_iter().enumerate() {
            let Some(length) = candidate.filter(|length| *length <= left.len()) else { continue };
            if left.get(length).is_none_or(|word| self.maps.of(*word).is_some()) {
                holds |= 1 << at;
            }
        }
        let before = self.learnt.entry(instance_type).or_insert(u8::MAX);
        if *before & holds != 0 {
            *before &= holds;
            holds = *before;
        }
        let chosen = candidates.get(holds.trailing_zeros() as usize).copied().flatten();
        chosen.unwrap_or_else(|| {
            let next = self.next_start(left, 1, Some(instance_type));
            if next == left.len() && Some(instance_type) == self.layout.types.instruction_stream {
                // The last code of a page: behind it may be room that was never used, and is zero.
                left.iter().rposition(|word| *word != 0).map_or(1, |last| last + 1)
            } else {
                next
            }
        })
    }

    /// The next word from `from` on that may be the first of an object, behind one of type `after`.
    fn next_start(&mut self, words: &[u64], from: usize, after: Option<u16>) -> usize {
        let types = &self.layout.types;
        let (filler, free_space) = (types.filler, types.free_space);
        let code = types.instruction_stream;
        let in_code = after.is_some() && after == code;
        (from..words.len())
            .find(|at| {
                let Some(map) = self.maps.of(words[*at]) else { return false };
                let instance_type = self.maps.info(map).instance_type;
                if Some(instance_type) == code {
                    words.get(at + 1).is_some_and(|word| self.is_code(*word))
                } else {
                    // Machine code has pointers to maps in it, but none to those of gaps.
                    !in_code || instance_type == filler || instance_type == free_space
                }
            })
            .unwrap_or(words.len())
    }

    /// An InstructionStream is known by the Code that it belongs to, right behind its map.
    fn is_code(&self, word: u64) -> bool {
        pointee(word).and_then(|object| type_of(self.regions, self.layout, object)) == Some(self.layout.types.code)
    }
}

/// The words of a stretch that a region has.
fn within<'a>(region: Region<'a>, stretch: &Range<u64>) -> &'a [u64] {
    let from = ((stretch.start - region.base) / 8) as usize;
    let to = ((stretch.end.min(region.end()) - region.base) / 8) as usize;
    region.words.get(from..to).unwrap_or_default()
}

#[cfg(test)]
#[path = "walker_tests.rs"]
mod tests;
