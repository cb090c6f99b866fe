//! An own property of an object, found by its name.

use super::layout::Layout;
use super::maps::type_of;
use super::regions::{Regions, pointee, small_integer};
use super::text::text;

/// Properties of one object that are looked through.
const MOST: u64 = 4096;

/// The bits of a map that say how many properties its objects have and how they are kept.
#[derive(Clone, Copy, Debug)]
pub struct MapBits<'a> {
    bits: u32,
    layout: &'a Layout,
}

impl<'a> MapBits<'a> {
    pub fn of(regions: &Regions<'_>, layout: &'a Layout, map: u64) -> Option<Self> {
        Some(Self { bits: regions.half(map + layout.map.bit_field3)?, layout })
    }

    /// The objects have their properties in hash tables.
    pub fn is_dictionary(self) -> bool {
        self.bits >> self.layout.names.is_dictionary_shift & 1 != 0
    }

    /// They are prototypes: the bit below that one, in all versions seen.
    pub fn is_prototype(self) -> bool {
        self.bits >> (self.layout.names.is_dictionary_shift - 1) & 1 != 0
    }

    /// Properties that the map describes.
    pub fn own_descriptors(self) -> u64 {
        let names = &self.layout.names;
        (u64::from(self.bits) & names.own_descriptors_mask) >> names.own_descriptors_shift
    }
}

/// Where the value of a property is.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// A word of the object.
    Inside(usize),
    /// A slot of its PropertyArray.
    Outside(u64),
    /// The word itself: the same for all objects of the map.
    Shared(u64),
}

/// A property that a map describes, by three words: its key, its details, and its value where that is the same for all objects.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    pub key: u64,
    pub place: Place,
    /// It is a getter or a setter.
    pub is_accessor: bool,
}

/// Where a map has its descriptors, and how its objects are divided.
#[derive(Clone, Copy, Debug)]
pub struct Descriptors {
    first: u64,
    /// The first word of an object for a property, and how many there are.
    first_inside: u64,
    inside: u64,
}

impl Descriptors {
    pub fn of(regions: &Regions<'_>, layout: &Layout, map: u64) -> Option<Self> {
        let first = regions.follow(map + layout.map.instance_descriptors)? + layout.descriptors?;
        let instance_words = u64::from(regions.byte(map + layout.map.instance_size_in_words)?);
        let first_inside = u64::from(regions.byte(map + layout.map.inobject_properties_start)?);
        Some(Self { first, first_inside, inside: instance_words.saturating_sub(first_inside) })
    }

    fn entry(&self, at: u64) -> u64 {
        self.first + 24 * at
    }

    /// The descriptor at a place.
    pub fn read(&self, regions: &Regions<'_>, layout: &Layout, at: u64) -> Option<Descriptor> {
        let (names, entry) = (&layout.names, self.entry(at));
        let details = small_integer(regions.word(entry + 8)?)? as u64;
        let index = (details & names.index_mask) >> names.index_shift;
        let place = if details & names.location_mask != 0 {
            Place::Shared(regions.word(entry + 16)?)
        } else if index < self.inside {
            Place::Inside((self.first_inside + index) as usize)
        } else {
            Place::Outside(index - self.inside)
        };
        let is_accessor = details & layout.edges.accessor_mask != 0;
        Some(Descriptor { key: regions.follow(entry)?, place, is_accessor })
    }
}

/// What a property is called.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    Text(&'static str),
    /// One of the language's own symbols, by its description.
    Symbol(&'static str),
}

/// By this JavaScript says what an object is.
pub const TO_STRING_TAG: Key = Key::Symbol("Symbol.toStringTag");

/// The object that an own property holds; `None` for one that holds a number, and where there is none. What stands there for a getter is no value of JavaScript's:
/// whoever asks looks at the type.
pub fn own_property(regions: &Regions<'_>, layout: &Layout, object: u64, key: Key) -> Option<u64> {
    let map = regions.follow(object)?;
    let bits = MapBits::of(regions, layout, map)?;
    if bits.is_dictionary() {
        in_dictionary(regions, layout, object, key)
    } else {
        in_descriptors(regions, layout, object, map, bits.own_descriptors(), key)
    }
}

fn in_descriptors(regions: &Regions<'_>, layout: &Layout, object: u64, map: u64, count: u64, key: Key) -> Option<u64> {
    let descriptors = Descriptors::of(regions, layout, map)?;
    let at = (0..count.min(MOST)).find(|at| is_key(regions, layout, descriptors.entry(*at), key))?;
    match descriptors.read(regions, layout, at)?.place {
        Place::Inside(word) => regions.follow(object + 8 * word as u64),
        Place::Outside(slot) => regions.follow(regions.follow(object + layout.names.properties)? + 16 + 8 * slot),
        Place::Shared(word) => pointee(word),
    }
}

/// A property of an object whose properties are in a hash table: looked for from its first entry to its last, since hashes would have to be known.
fn in_dictionary(regions: &Regions<'_>, layout: &Layout, object: u64, key: Key) -> Option<u64> {
    let table = regions.follow(object + layout.names.properties)?;
    let length = regions.count(table + 8)?;
    let words = layout.names.dictionary_entry;
    let entries = length.checked_sub(layout.names.dictionary_prefix)? / words;
    let first = table + 16 + 8 * layout.names.dictionary_prefix;
    let mut entries = (0..entries.min(MOST)).map(|at| first + 8 * words * at);
    let entry = entries.find(|entry| is_key(regions, layout, *entry, key))?;
    regions.follow(entry + 8)
}

/// Whether the word at an address points to the key.
pub fn is_key(regions: &Regions<'_>, layout: &Layout, address: u64, key: Key) -> bool {
    regions.follow(address).is_some_and(|name| is(regions, layout, name, key))
}

/// Whether a program has no way to a symbol: it is V8's, or the name of a private field. Its flags stand behind its hash:
/// a bit of them up to Node 24, the number of a sort of symbols in 26.
pub fn is_private(regions: &Regions<'_>, layout: &Layout, symbol: u64) -> bool {
    let private = if layout.types.is_26() { 3 } else { 1 };
    regions.half(symbol + 12).is_some_and(|flags| flags & private != 0)
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
