//! The constructor of the objects of a map, as V8's own snapshots name it: the map's constructor where the object was made by `new` of that very
//! function, and otherwise the `constructor` that its prototypes have.

use super::layout::Layout;
use super::maps::{instance_type, type_of};
use super::regions::{Regions, pointee, small_integer};
use super::text::text;

/// Maps between one and its constructor, and prototypes of an object: more than any real one, so that a loop ends.
const MOST_STEPS: usize = 1 << 12;
const MOST_PROTOTYPES: usize = 100;
/// Entries of a prototype that are looked through.
const MOST_ENTRIES: u64 = 4096;

/// What is known of the objects of one map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constructor {
    /// A JSFunction, by address.
    Function(u64),
    /// Made from a template of an addon's or Node's own.
    Template(u64),
    None,
}

/// What stands in the map, or in the first of the maps that it was derived from.
pub fn constructor_of_map(regions: &Regions<'_>, layout: &Layout, map: u64) -> Constructor {
    let mut at = map;
    for _ in 0..MOST_STEPS {
        let Some(next) = regions.follow(at + layout.map.constructor_or_back_pointer) else { return Constructor::None };
        match type_of(regions, layout, next) {
            Some(kind) if kind == layout.types.map => at = next,
            Some(kind) if layout.types.is_js_function(kind) => return Constructor::Function(next),
            Some(kind) if layout.types.class(kind) == Some("FunctionTemplateInfo") => {
                return Constructor::Template(next);
            }
            // A pair of the constructor and something else.
            Some(kind) if layout.types.class(kind) == Some("Tuple2") => {
                let Some(first) = regions.follow(next + 8) else { return Constructor::None };
                return match type_of(regions, layout, first) {
                    Some(kind) if layout.types.is_js_function(kind) => Constructor::Function(first),
                    _ => Constructor::None,
                };
            }
            _ => return Constructor::None,
        }
    }
    Constructor::None
}

/// Whether objects of this map were made by `new` of the map's own constructor, and not by that of a class derived from it.
pub fn made_by_its_constructor(regions: &Regions<'_>, layout: &Layout, map: u64) -> bool {
    // The lowest bit of this byte; the elements' kind follows behind two bits in all versions (`bit_field2_elements_kind_shift`).
    regions.byte(map + layout.map.bit_field2).is_some_and(|bits| bits & 1 != 0)
}

/// The function under `constructor` on the nearest of the map's prototypes that has one.
pub fn constructor_of_prototypes(regions: &Regions<'_>, layout: &Layout, map: u64) -> Option<u64> {
    let mut map = map;
    for _ in 0..MOST_PROTOTYPES {
        let prototype = regions.follow(map + layout.map.prototype)?;
        map = regions.follow(prototype)?;
        if !layout.types.is_receiver(instance_type(regions, layout, map)?) {
            return None;
        }
        if let Some(value) = own_property(regions, layout, prototype, "constructor")
            && layout.types.is_js_function(type_of(regions, layout, value)?)
        {
            return Some(value);
        }
    }
    None
}

/// The object that an own property of an ordinary object holds.
fn own_property(regions: &Regions<'_>, layout: &Layout, object: u64, name: &str) -> Option<u64> {
    let map = regions.follow(object)?;
    let bits = regions.half(map + layout.map.bit_field3)?;
    if bits >> layout.names.is_dictionary_shift & 1 != 0 {
        in_dictionary(regions, layout, object, name)
    } else {
        let count = (u64::from(bits) & layout.names.own_descriptors_mask) >> layout.names.own_descriptors_shift;
        in_descriptors(regions, layout, object, map, count, name)
    }
}

/// A property that the map describes: three words for each, its name, its details and its value or type.
fn in_descriptors(
    regions: &Regions<'_>,
    layout: &Layout,
    object: u64,
    map: u64,
    count: u64,
    name: &str,
) -> Option<u64> {
    let descriptors = regions.follow(map + layout.map.instance_descriptors)?;
    let first = descriptors + layout.descriptors?;
    let entry = (0..count.min(MOST_ENTRIES))
        .map(|at| first + 24 * at)
        .find(|entry| regions.follow(*entry).is_some_and(|key| is_text(regions, layout, key, name)))?;
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
fn in_dictionary(regions: &Regions<'_>, layout: &Layout, object: u64, name: &str) -> Option<u64> {
    let table = regions.follow(object + layout.names.properties)?;
    let length = u64::try_from(small_integer(regions.word(table + 8)?)?).ok()?;
    let words = layout.names.dictionary_entry;
    let entries = length.checked_sub(layout.names.dictionary_prefix)? / words;
    let first = table + 16 + 8 * layout.names.dictionary_prefix;
    let entry = (0..entries.min(MOST_ENTRIES))
        .map(|at| first + 8 * words * at)
        .find(|entry| regions.follow(*entry).is_some_and(|key| is_text(regions, layout, key, name)))?;
    regions.follow(entry + 8)
}

fn is_text(regions: &Regions<'_>, layout: &Layout, string: u64, wanted: &str) -> bool {
    // Its length is asked first: that is one word, and most names have another.
    regions.half(string + layout.names.string_length).is_some_and(|length| length as usize == wanted.len())
        && type_of(regions, layout, string).is_some_and(|kind| layout.types.is_string(kind))
        && text(regions, layout, string).is_some_and(|text| text == wanted)
}

/// Whether a word points to something.
pub fn points(word: Option<&u64>) -> Option<u64> {
    pointee(*word?)
}
