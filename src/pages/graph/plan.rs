//! How the edges of all objects of one map are told: worked out once, from the map.

use super::fields::FIELDS;
use crate::pages::layout::Layout;
use crate::pages::maps::MapInfo;
use crate::pages::properties::{Descriptor, Descriptors, MapBits};
use crate::pages::regions::Regions;
use crate::pages::text::{CONS, REPRESENTATION, SLICED, THIN};

/// Properties of one map that are told by name: V8 has no more than 1,020 in a map.
const MOST: u64 = 1020;

/// The sorts of objects that have their edges told in different ways.
#[derive(Clone, Debug)]
pub enum Plan {
    /// So many words may be pointers; the rest is text, numbers or machine code.
    Raw(usize),
    /// Fields of V8's, some with names; all other words by number.
    System(Vec<NamedWord>),
    /// A FixedArray or a table that is made of one.
    Array,
    /// The table of a WeakMap or a WeakSet.
    Ephemerons,
    Context,
    Map,
    Receiver(Box<Receiver>),
}

#[derive(Clone, Copy, Debug)]
pub struct NamedWord {
    pub word: usize,
    /// A row of [`FIELDS`].
    pub field: usize,
}

/// An object of JavaScript's.
#[derive(Clone, Debug, Default)]
pub struct Receiver {
    pub own: Vec<Descriptor>,
    pub named: Vec<NamedWord>,
    pub keeping: Keeping,
    pub has_dictionary_elements: bool,
    pub is_global: bool,
    pub is_buffer: bool,
    pub is_function: bool,
    /// The word of the map.
    pub prototype: u64,
}

/// How properties are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    #[default]
    Fields,
    Dictionary,
}

/// Types that are known by what they are next to, or by what an object of another type holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Learnt {
    /// The table of WeakMap and WeakSet.
    pub ephemerons: Option<u16>,
}

impl Plan {
    pub fn of(regions: &Regions<'_>, layout: &Layout, info: &MapInfo, learnt: Learnt) -> Self {
        let types = &layout.types;
        let instance_type = info.instance_type;
        let class = types.class(instance_type).unwrap_or_default();
        if types.is_receiver(instance_type) && class != "JSProxy" {
            return Self::Receiver(Box::new(Receiver::of(regions, layout, info)));
        }
        if types.is_string(instance_type) {
            return match instance_type & REPRESENTATION {
                CONS => Self::System(named_words(layout, "ConsString")),
                SLICED => Self::System(named_words(layout, "SlicedString")),
                THIN => Self::System(named_words(layout, "ThinString")),
                _ => Self::Raw(0),
            };
        }
        if learnt.ephemerons == Some(instance_type) {
            return Self::Ephemerons;
        }
        if types.is_fixed_array(instance_type) {
            return Self::Array;
        }
        if types.is_context(instance_type) {
            return Self::Context;
        }
        if instance_type == types.map {
            return Self::Map;
        }
        if instance_type == types.big_int() || instance_type == types.feedback_metadata() {
            return Self::Raw(0);
        }
        match class {
            "ByteArray" | "TrustedByteArray" | "FixedDoubleArray" | "HeapNumber" | "DoubleStringCache" => Self::Raw(0),
            "BytecodeArray" => Self::Raw((layout.bytecodes.unwrap_or(0) / 8) as usize),
            "InstructionStream" => Self::Raw(layout.edges.code_header),
            _ => Self::System(named_words(layout, class)),
        }
    }
}

fn named_words(layout: &Layout, class: &str) -> Vec<NamedWord> {
    let of_class = |(field, word): &(usize, usize)| {
        (FIELDS[*field].class == class).then_some(NamedWord { word: *word, field: *field })
    };
    layout.edges.fields.iter().filter_map(of_class).collect()
}

impl Receiver {
    fn of(regions: &Regions<'_>, layout: &Layout, info: &MapInfo) -> Self {
        let map = info.address;
        let bits = MapBits::of(regions, layout, map);
        let is_dictionary = bits.is_some_and(MapBits::is_dictionary);
        let count = bits.map_or(0, MapBits::own_descriptors).min(MOST);
        let kinds = regions.byte(map + layout.map.bit_field2).unwrap_or(0);
        let elements = (kinds & layout.edges.elements_kind_mask) >> layout.edges.elements_kind_shift;
        let class = class_of_fields(layout, info.instance_type);
        Self {
            own: if is_dictionary { Vec::new() } else { own_properties(regions, layout, map, count) },
            named: named_words(layout, class),
            keeping: if is_dictionary { Keeping::Dictionary } else { Keeping::Fields },
            has_dictionary_elements: elements == layout.edges.dictionary_elements,
            is_global: class == "JSGlobalObject",
            is_buffer: class == "JSArrayBuffer",
            is_function: class == "JSFunction",
            prototype: regions.word(map + layout.map.prototype).unwrap_or(0),
        }
    }
}

/// The class under which [`FIELDS`] has the fields of objects of a type.
fn class_of_fields(layout: &Layout, instance_type: u16) -> &'static str {
    let types = &layout.types;
    if Some(instance_type) == types.bound_function {
        return "JSBoundFunction";
    }
    if types.is_js_function(instance_type) {
        return "JSFunction";
    }
    if types.is_generator(instance_type) {
        return "JSGenerator";
    }
    let class = types.class(instance_type).unwrap_or_default();
    match class {
        "JSTypedArray" | "JSDataView" | "JSRabGsabDataView" => "JSView",
        class => class,
    }
}

fn own_properties(regions: &Regions<'_>, layout: &Layout, map: u64, count: u64) -> Vec<Descriptor> {
    let Some(descriptors) = Descriptors::of(regions, layout, map) else { return Vec::new() };
    (0..count).filter_map(|at| descriptors.read(regions, layout, at)).collect()
}
