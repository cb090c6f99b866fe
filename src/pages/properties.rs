//! An own property of an object, found by its name.

use super::layout::Layout;
use super::maps::type_of;
use super::regions::{Regions, small_integer};
use super::text::text;

/// Properties of one object that are looked through.
const MOST: u64 = 4096;

/// What a property is called.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    Text(&'static str),
    /// One of the language's own symbols, by its description.
    Symbol(&'static str),
}

/// The object that an own property holds; `None` for one that holds a number, and where there is none. What stands there for a getter is no value of JavaScript's:
/// whoever asks looks at the type.
pub fn own_property(regions: &Regions<'_>, layout: &Layout, object: u64, key: Key) -> Option<u64> {
    let map = regions.follow(object)?;
    let bits = regions.half(map + layout.map.bit_field3)?;
    if bits >> layout.names.is_dictionary_shift & 1 != 0 {
        in_dictionary(regions, layout, object, key)
    } else {
        let count = (u64::from(bits) & layout.names.own_descriptors_mask) >> layout.names.own_descriptors_shift;
        in_descriptors(regions, layout, object, map, count, key)
    }
}

/// A property that the map describes: three words for each, its key, its details and its value or type.
fn in_descriptors(regions: &Regions<'_>, layout: &Layout, object: u64, map: u64, count: u64, key: Key) -> Option<u64> {
    let descriptors = regions.follow(map + layout.map.instance_descriptors)?;
    let first = descriptors + layout.descriptors?;
    let entry = find(regions, layout, key, (0..count.min(MOST)).map(|at| first + 24 * at))?;
    let details = small_integer(regions.word(entry + 8)?)? as u64;
    if details & layout.names.location_mask != 0 {
        return regions.follow(entry + 16);
    }
    let index = (details & layout.names.index_mask) >> layout.names.index_shift;
    let instance_words = u64::from(regions.byte(map + layout.map.instance_size_in_words)?);
    let first_inside = u64::from(regions.byte(map + layout.map.inobject_properties_start)?);
    let inside = instance_words.saturating_sub(first_inside);
    if index < inside {
        return regions.follow(object + 8 * (first_inside + index));
    }
    let array = regions.follow(object + layout.names.properties)?;
    regions.follow(array + 16 + 8 * (index - inside))
}

/// A property of an object whose properties are in a hash table: looked for from its first entry to its last, since hashes would have to be known.
fn in_dictionary(regions: &Regions<'_>, layout: &Layout, object: u64, key: Key) -> Option<u64> {
    let table = regions.follow(object + layout.names.properties)?;
    let length = u64::try_from(small_integer(regions.word(table + 8)?)?).ok()?;
    let words = layout.names.dictionary_entry;
    let entries = length.checked_sub(layout.names.dictionary_prefix)? / words;
    let first = table + 16 + 8 * layout.names.dictionary_prefix;
    let entry = find(regions, layout, key, (0..entries.min(MOST)).map(|at| first + 8 * words * at))?;
    regions.follow(entry + 8)
}

/// The first of `entries` that begins with the key.
fn find(regions: &Regions<'_>, layout: &Layout, key: Key, mut entries: impl Iterator<Item = u64>) -> Option<u64> {
    entries.find(|entry| regions.follow(*entry).is_some_and(|name| is(regions, layout, name, key)))
}

fn is(regions: &Regions<'_>, layout: &Layout, name: u64, key: Key) -> bool {
    match key {
        Key::Text(wanted) => is_text(regions, layout, name, wanted),
        Key::Symbol(wanted) => {
            type_of(regions, layout, name) == Some(layout.types.symbol)
                && layout
                    .names
                    .symbol_description
                    .and_then(|at| regions.follow(name + at))
                    .is_some_and(|description| is_text(regions, layout, description, wanted))
        }
    }
}

fn is_text(regions: &Regions<'_>, layout: &Layout, string: u64, wanted: &str) -> bool {
    // Its length is asked first: that is one word, and most names have another.
    regions.half(string + layout.names.string_length).is_some_and(|length| length as usize == wanted.len())
        && type_of(regions, layout, string).is_some_and(|kind| layout.types.is_string(kind))
        && text(regions, layout, string).is_some_and(|text| text == wanted)
}
