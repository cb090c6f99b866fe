//! The census: how many objects there are of each class, and what they take, without what they hold.

use super::chunk::Chunk;
use super::constructor::{ClassName, Constructors};
use super::functions::function_names;
use super::kind::Kind;
use super::layout::Layout;
use super::maps::{MapInfo, Maps};
use super::places::Places;
use super::regions::{Regions, pointee};
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
}

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
    /// One of them, by address.
    example: u64,
}

impl Tally {
    #[inline]
    fn add(&mut self, object: &Object<'_>) {
        self.count += 1;
        self.bytes += object.size;
        self.example = object.address;
    }
}

/// Counts all objects on `chunks` that are not read-only: those are V8's own and the same in every process. `unused` as for [`Walker::new`]. All classes are told one by one.
pub fn take_census(regions: &Regions<'_>, layout: &Layout, chunks: &[Chunk], unused: Vec<Range<u64>>) -> Census {
    let mut walker = Walker::new(regions, layout, unused);
    // By map, and functions by what they share: both are few, however many objects there are.
    let mut by_map: Vec<Tally> = Vec::new();
    let mut by_function: FxHashMap<u64, Tally> = FxHashMap::default();
    let shared = (layout.names.function_shared / 8) as usize;
    let mut pages = 0;
    for chunk in chunks.iter().filter(|chunk| !chunk.is_read_only()) {
        pages += 1;
        walker.walk(chunk, |_: &mut Maps<'_>, object: &Object<'_>| {
            if layout.types.is_js_function(object.instance_type)
                && let Some(shared) = object.words.get(shared).and_then(|word| pointee(*word))
            {
                by_function.entry(shared).or_default().add(object);
                return;
            }
            let row = object.map.row();
            if row >= by_map.len() {
                by_map.resize(row + 1, Tally::default());
            }
            by_map[row].add(object);
        });
    }
    let places = Places::new(regions, layout);
    let mut classes =
        Classes { regions, layout, constructors: Constructors::new(regions, layout, &places), found: BTreeMap::new() };
    for (info, tally) in walker.maps.infos().iter().zip(&by_map).filter(|(_, tally)| tally.count > 0) {
        let (kind, name, location) = classes.of_map(info, tally);
        classes.add(kind, name, location, *tally);
    }
    for (shared, tally) in by_function {
        let name = function_names(regions, layout, shared).own;
        let location = places.of_function(shared);
        classes.add(Kind::Closure, name, location, tally);
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
    fn add(&mut self, kind: Kind, name: String, location: Option<String>, tally: Tally) {
        let class = self.found.entry((kind, name, location)).or_default();
        class.count += tally.count;
        class.bytes += tally.bytes;
    }

    fn into_counts(self) -> Vec<ClassCount> {
        let count =
            |((kind, name, location), Tally { count, bytes, .. })| ClassCount { name, kind, location, count, bytes };
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
