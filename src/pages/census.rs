//! The census: how many objects there are of each class, and what they take, without what they hold.

use super::chunk::Chunk;
use super::constructor::{ClassName, Constructors};
use super::functions::function_names;
use super::kind::Kind;
use super::layout::Layout;
use super::maps::{MapInfo, Maps};
use super::owned::{Own, Owner, Parts};
use super::places::Places;
use super::regions::{Regions, pointee};
use super::shapes::shape_of;
use super::size::is_native_context;
use super::walker::{Object, Walked, Walker};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// Objects of one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassCount {
    pub name: String,
    pub kind: Kind,
    /// Where the constructor or the function is, as `script:line:column`, or the script alone where no more is known.
    pub location: Option<String>,
    pub count: u64,
    /// Their own size.
    pub bytes: u64,
    /// The same with what belongs to one object alone: the arrays of its elements and properties, the table of a Map, the memory of a buffer. Those on the heap are objects
    /// that have classes as well. `None` in files of before it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_bytes: Option<u64>,
}

/// Shapes of plain objects that are told one by one: those that take most.
const MOST_SHAPES: usize = 256;
/// A shape of fewer objects is no class: a single object is a table of its own, and its keys are data.
const FEWEST_OF_SHAPE: u64 = 16;
/// Maps of plain objects whose names are read: those with most objects. A program may have a map for nearly each object.
const MOST_SHAPED_MAPS: usize = 1 << 14;

/// Classes beyond those that are told one by one. A large program has tens of thousands of functions, most of them with one closure, and whoever asks for
/// a census gets it on the app's thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Others {
    pub classes: u64,
    pub count: u64,
    pub bytes: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Census {
    /// Largest first.
    pub classes: Vec<ClassCount>,
    pub others: Others,
    pub total_count: u64,
    /// Of all objects, the others' included.
    pub total_bytes: u64,
    /// What lies on the heap and could not be told to be an object.
    pub unnamed_bytes: u64,
    /// Gaps between objects, and room in which nothing is yet.
    pub free_bytes: u64,
    pub pages: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    count: u64,
    bytes: u64,
    /// What belongs to one of them alone, beside themselves.
    own: Own,
    /// One of them, by address.
    example: u64,
}

/// The same for the objects of one map, and what such an object has of its own.
#[derive(Clone, Copy, Debug, Default)]
struct OfMap {
    tally: Tally,
    parts: Parts,
}

impl Tally {
    #[inline]
    fn add(&mut self, object: &Object<'_>, own: Own) {
        self.count += 1;
        self.bytes += object.size;
        self.own.inside += own.inside;
        self.own.outside += own.outside;
        self.example = object.address;
    }

    fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.bytes += other.bytes;
        self.own.inside += other.own.inside;
        self.own.outside += other.own.outside;
    }
}

/// Counts all objects on `chunks` that are not read-only: those are V8's own and the same in every process. `unused` as for [`Walker::new`]. All classes are told one by one.
/// `redact`: names of properties that may be contents are left out.
pub fn take_census(
    regions: &Regions<'_>,
    layout: &Layout,
    chunks: &[Chunk],
    unused: Vec<Range<u64>>,
    redact: bool,
) -> Census {
    let mut walker = Walker::new(regions, layout, unused);
    // By map, and functions by what they share: both are few, however many objects there are.
    let mut by_map: Vec<OfMap> = Vec::new();
    let mut owner = Owner::new(regions, layout, chunks);
    let mut by_function: FxHashMap<u64, Tally> = FxHashMap::default();
    let shared = (layout.names.function_shared / 8) as usize;
    let mut pages = 0;
    for chunk in chunks.iter().filter(|chunk| !chunk.is_read_only()) {
        pages += 1;
        walker.walk(chunk, |maps: &mut Maps<'_>, object: &Object<'_>| {
            if layout.types.is_js_function(object.instance_type)
                && let Some(shared) = object.words.get(shared).and_then(|word| pointee(*word))
            {
                let own = Own { inside: owner.arrays(maps, 0, object.words), outside: 0 };
                by_function.entry(shared).or_default().add(object, own);
                return;
            }
            let row = object.map.row();
            if row >= by_map.len() {
                let plan = |info: &MapInfo| OfMap { parts: Parts::of(layout, info.instance_type), ..OfMap::default() };
                by_map.extend(maps.infos()[by_map.len()..=row].iter().map(plan));
            }
            let of_map = &mut by_map[row];
            of_map.tally.add(object, owner.own(maps, of_map.parts, object));
        });
    }
    let places = Places::new(regions, layout);
    let mut classes =
        Classes { regions, layout, constructors: Constructors::new(regions, layout, &places), found: BTreeMap::new() };
    let mut plain: Vec<(u64, Tally)> = Vec::new();
    for (info, OfMap { tally, .. }) in walker.maps.infos().iter().zip(&by_map).filter(|(_, of)| of.tally.count > 0) {
        match classes.of_map(info, tally) {
            (Kind::Object, name, None) if name == "Object" => plain.push((info.address, *tally)),
            (kind, name, location) => classes.add(kind, name, location, tally),
        }
    }
    classes.add_plain(plain, redact);
    for (shared, tally) in by_function {
        let name = function_names(regions, layout, shared).own;
        let location = places.of_function(shared);
        classes.add(Kind::Closure, name, location, &tally);
    }
    let mut counts = classes.into_counts();
    counts.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.name.cmp(&other.name)));
    let total_count = counts.iter().map(|class| class.count).sum();
    let Walked { objects, free, unnamed } = walker.walked;
    Census {
        total_count,
        classes: counts,
        others: Others::default(),
        total_bytes: objects,
        unnamed_bytes: unnamed,
        free_bytes: free,
        pages,
    }
}

impl Census {
    /// Tells at most so many classes one by one, and the rest together.
    pub fn shorten(&mut self, most: usize) {
        self.others = set_apart(&mut self.classes, most);
    }
}

/// Takes out of `counts`, which has the largest first, all but `most`: half of those are the largest, and the others those of the rest that have most objects.
fn set_apart(counts: &mut Vec<ClassCount>, most: usize) -> Others {
    let largest = most.div_ceil(2);
    let mut rest = counts.split_off(counts.len().min(largest));
    // Stable: of as many objects, the larger ones stay before the smaller.
    rest.sort_by_key(|class| Reverse(class.count));
    let others = rest.split_off(rest.len().min(most - largest));
    counts.append(&mut rest);
    counts.sort_by_key(|class| Reverse(class.bytes));
    Others {
        classes: others.len() as u64,
        count: others.iter().map(|class| class.count).sum(),
        bytes: others.iter().map(|class| class.bytes).sum(),
    }
}

/// The classes found so far. Sorted, so that two censuses of one heap are the same text.
struct Classes<'a> {
    regions: &'a Regions<'a>,
    layout: &'a Layout,
    constructors: Constructors<'a>,
    found: BTreeMap<(Kind, String, Option<String>), Tally>,
}

impl Classes<'_> {
    fn add(&mut self, kind: Kind, name: String, location: Option<String>, tally: &Tally) {
        self.found.entry((kind, name, location)).or_default().join(tally);
    }

    /// Objects that have no class but `Object`, by map: the largest shapes one by one, the rest together.
    fn add_plain(&mut self, mut plain: Vec<(u64, Tally)>, redact: bool) {
        plain.sort_unstable_by_key(|(map, tally)| (Reverse(tally.count), *map));
        let (mut by_shape, mut rest) = (BTreeMap::<String, Tally>::new(), Tally::default());
        for (at, (map, tally)) in plain.iter().enumerate() {
            let shape = (at < MOST_SHAPED_MAPS).then(|| shape_of(self.regions, self.layout, *map, redact)).flatten();
            shape.map_or(&mut rest, |shape| by_shape.entry(shape).or_default()).join(tally);
        }
        let mut shapes: Vec<(String, Tally)> = by_shape.into_iter().collect();
        shapes.sort_by_key(|(_, tally)| Reverse(if tally.count < FEWEST_OF_SHAPE { 0 } else { tally.bytes }));
        for (at, (name, tally)) in shapes.into_iter().enumerate() {
            if at < MOST_SHAPES && tally.count >= FEWEST_OF_SHAPE {
                self.add(Kind::Object, name, None, &tally);
            } else {
                rest.join(&tally);
            }
        }
        if rest.count > 0 {
            self.add(Kind::Object, "Object".to_owned(), None, &rest);
        }
    }

    fn into_counts(self) -> Vec<ClassCount> {
        let count = |((kind, name, location), Tally { count, bytes, own, .. }): ((_, String, _), Tally)| {
            // Memory that threads share belongs to none of their buffers.
            let outside = if name == "SharedArrayBuffer" { 0 } else { own.outside };
            let owned_bytes = Some(bytes.saturating_add(own.inside).saturating_add(outside));
            ClassCount { name, kind, location, count, bytes, owned_bytes }
        };
        self.found.into_iter().map(count).collect()
    }

    fn of_map(&self, info: &MapInfo, tally: &Tally) -> (Kind, String, Option<String>) {
        let types = &self.layout.types;
        let instance_type = info.instance_type;
        if Some(instance_type) == types.bound_function {
            // As V8's snapshots call them, whatever they are bound to.
            return (Kind::Closure, "native_bind".to_owned(), None);
        }
        if types.is_receiver(instance_type) {
            return match self.constructors.class_of(info.address, tally.example, tally.count == 1) {
                Some(ClassName { name, location }) => (Kind::Object, name, location),
                None => {
                    let class = self.constructors.class_of_type(instance_type, tally.example);
                    (Kind::Object, class.to_owned(), None)
                }
            };
        }
        if types.is_context(instance_type) {
            let is_native = is_native_context(self.regions, self.layout, tally.example);
            let name = if is_native { "NativeContext" } else { "Context" };
            return (Kind::Context, name.to_owned(), None);
        }
        let (kind, name) = Kind::of_internal(types, instance_type);
        (kind, name.map_or_else(|| format!("type {instance_type}"), str::to_owned), None)
    }
}

#[cfg(test)]
#[path = "census_tests.rs"]
mod tests;
