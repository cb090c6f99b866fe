//! The class of the objects of one map, named as V8's own snapshots name them: by the map's constructor where the objects were made by `new` of that very
//! function, and otherwise by what the object or its prototypes have under `Symbol.toStringTag` or `constructor`.

use super::functions::function_names;
use super::layout::Layout;
use super::maps::type_of;
use super::places::Places;
use super::properties::{Key, MapBits, TO_STRING_TAG, own_property};
use super::regions::Regions;
use super::text::text;
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// Maps between one and its constructor, and prototypes of an object: more than any real one has, so that a loop ends.
const MOST_STEPS: usize = 1 << 12;
const MOST_PROTOTYPES: usize = 100;

/// A class by its name, and where its constructor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassName {
    pub name: String,
    pub location: Option<String>,
}

/// Names classes, and remembers what it found on each prototype: many maps have the same.
pub struct Constructors<'a> {
    regions: &'a Regions<'a>,
    layout: &'a Layout,
    places: &'a Places<'a>,
    on_prototypes: RefCell<FxHashMap<u64, Option<ClassName>>>,
}

impl<'a> Constructors<'a> {
    pub fn new(regions: &'a Regions<'a>, layout: &'a Layout, places: &'a Places<'a>) -> Self {
        Self { regions, layout, places, on_prototypes: RefCell::default() }
    }

    /// The class of the objects of `map`. `object` is one of them; `is_only` if there is no other: objects that have their properties in
    /// tables may share a map and yet have different ones.
    pub fn class_of(&self, map: u64, object: u64, is_only: bool) -> Option<ClassName> {
        let bits = MapBits::of(self.regions, self.layout, map)?;
        // A prototype has lost the constructor that its map had.
        if !bits.is_prototype()
            && self.is_made_by_its_constructor(map)
            && let Some(class) = self.named_constructor(map)
        {
            return Some(class);
        }
        if (is_only || !bits.is_dictionary())
            && let Some(class) = self.tag_on(object)
        {
            return Some(class);
        }
        self.class_of_prototypes(map)
    }

    /// What the nearest of the prototypes says. The `constructor` of the object itself does not count: on a prototype it is the class of others.
    fn class_of_prototypes(&self, map: u64) -> Option<ClassName> {
        let mut map = map;
        for _ in 0..MOST_PROTOTYPES {
            let prototype = self.regions.follow(map + self.layout.map.prototype)?;
            if !self.layout.types.is_receiver(type_of(self.regions, self.layout, prototype)?) {
                return None;
            }
            let known = self.on_prototypes.borrow().get(&prototype).cloned();
            let class = known.unwrap_or_else(|| {
                let class = self.tag_on(prototype).or_else(|| self.constructor_on(prototype));
                self.on_prototypes.borrow_mut().insert(prototype, class.clone());
                class
            });
            if class.is_some() {
                return class;
            }
            map = self.regions.follow(prototype)?;
        }
        None
    }

    /// Whether objects of a map may have different tags of their own: those with properties in tables, unless their constructor names them all.
    pub fn may_have_tags(&self, map: u64) -> bool {
        let Some(bits) = MapBits::of(self.regions, self.layout, map) else { return false };
        let is_named =
            || !bits.is_prototype() && self.is_made_by_its_constructor(map) && self.named_constructor(map).is_some();
        bits.is_dictionary() && !is_named()
    }

    fn named_constructor(&self, map: u64) -> Option<ClassName> {
        let function = self.constructor_of_map(map)?;
        self.class_after(function).filter(|class| class.name != "Object")
    }

    /// What an object has under `Symbol.toStringTag` itself.
    pub fn tag_on(&self, object: u64) -> Option<ClassName> {
        let tag = own_property(self.regions, self.layout, object, TO_STRING_TAG)?;
        Some(ClassName { name: text(self.regions, self.layout, tag)?, location: None })
    }

    fn constructor_on(&self, object: u64) -> Option<ClassName> {
        let function = own_property(self.regions, self.layout, object, Key::Text("constructor"))?;
        if !self.layout.types.is_js_function(type_of(self.regions, self.layout, function)?) {
            return None;
        }
        self.class_after(function).filter(|class| class.name != "Object")
    }

    /// What V8 calls an object that neither a constructor nor a prototype names, or whose prototypes say no more than `Object`: by its type.
    pub fn class_of_type(&self, instance_type: u16, object: u64) -> &'static str {
        let types = &self.layout.types;
        if types.is_generator(instance_type) {
            return "Generator";
        }
        let class = types.class(instance_type).unwrap_or_default();
        match class {
            "JSPrimitiveWrapper" => self.class_of_value(object),
            "JSArgumentsObject" => "Arguments",
            "JSGlobalProxy" => "global",
            "JSArray" | "JSDate" | "JSError" | "JSMap" | "JSSet" | "JSWeakMap" | "JSWeakSet" | "JSRegExp"
            | "JSArrayBuffer" | "JSDataView" | "JSProxy" | "JSExternalObject" => {
                class.strip_prefix("JS").unwrap_or(class)
            }
            _ => "Object",
        }
    }

    /// By what a boxed value is; it is the first thing behind the object's header.
    fn class_of_value(&self, object: u64) -> &'static str {
        let types = &self.layout.types;
        let Some(value) = self.regions.follow(object + 24) else { return "Number" };
        match type_of(self.regions, self.layout, value) {
            Some(kind) if types.is_string(kind) => "String",
            Some(kind) if kind == types.symbol => "Symbol",
            Some(kind) if kind == types.big_int() => "BigInt",
            Some(kind) if types.class(kind) == Some("HeapNumber") => "Number",
            Some(kind) if types.class(kind) == Some("Oddball") => "Boolean",
            _ => "Object",
        }
    }

    /// The class that a constructor stands for, if it has a name.
    fn class_after(&self, function: u64) -> Option<ClassName> {
        let shared = self.regions.follow(function + self.layout.names.function_shared)?;
        let given = self.given_name(function);
        let name = given.unwrap_or_else(|| function_names(self.regions, self.layout, shared).any());
        (!name.is_empty()).then(|| ClassName { name, location: self.places.of_function(shared) })
    }

    /// From Node 26 on V8 takes the property `name` where a function was given one: a method whose name is an expression. Otherwise there is a getter of V8's own.
    fn given_name(&self, function: u64) -> Option<String> {
        if !self.layout.types.is_26() {
            return None;
        }
        let name = own_property(self.regions, self.layout, function, Key::Text("name"))?;
        self.layout.types.is_string(type_of(self.regions, self.layout, name)?).then_some(())?;
        text(self.regions, self.layout, name).filter(|name| !name.is_empty())
    }

    /// The function that stands in the map, or in the first of the maps that it was derived from.
    fn constructor_of_map(&self, map: u64) -> Option<u64> {
        let types = &self.layout.types;
        let mut at = map;
        for _ in 0..MOST_STEPS {
            let next = self.regions.follow(at + self.layout.map.constructor_or_back_pointer)?;
            match type_of(self.regions, self.layout, next)? {
                kind if kind == types.map => at = next,
                kind if types.is_js_function(kind) => return Some(next),
                // A pair of the constructor and something else.
                kind if types.class(kind) == Some("Tuple2") => {
                    let first = self.regions.follow(next + 8)?;
                    return types.is_js_function(type_of(self.regions, self.layout, first)?).then_some(first);
                }
                _ => return None,
            }
        }
        None
    }

    /// Whether objects of this map were made by `new` of the map's own constructor, and not by that of a class derived from it: the lowest bit of this byte in
    /// all versions seen, two below those of the elements' kind.
    fn is_made_by_its_constructor(&self, map: u64) -> bool {
        self.regions.byte(map + self.layout.map.bit_field2).is_some_and(|bits| bits & 1 != 0)
    }
}
