//! The nodes of a graph: one for each object on the pages, with its kind, name, id and size.

use super::identity::Identity;
use super::kinds::{Naming, kind_of};
use super::plan::Learnt;
use super::starts::Starts;
use crate::heap::{GroupedBuilder, Location, NodeIdx, NodeType};
use crate::pages::chunk::Chunk;
use crate::pages::constructor::Constructors;
use crate::pages::functions::function_names;
use crate::pages::layout::Layout;
use crate::pages::maps::{Maps, type_of};
use crate::pages::places::Places;
use crate::pages::properties::{TO_STRING_TAG, is_key, is_private};
use crate::pages::regions::{Regions, pointee};
use crate::pages::size::is_native_context;
use crate::pages::text::{Contents, EXTERNAL, NOT_INTERNALIZED, ONE_BYTE, REPRESENTATION};
use crate::pages::types::Types;
use crate::pages::walker::{Walked, Walker};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Words of a table of global properties that are looked through.
const MOST_GLOBALS: u64 = 1 << 14;

/// Functions that are remembered.
const FUNCTIONS: usize = 256;

/// What the walk has found.
pub struct Nodes<'a> {
    pub builder: GroupedBuilder,
    pub starts: Starts,
    pub maps: Maps<'a>,
    /// Words of each object, by node; the root has none.
    pub extents: Vec<u32>,
    /// Addresses of tables made of FixedArrays: WeakMap's are among them.
    pub tables: Vec<u64>,
    pub native_contexts: Vec<u64>,
    pub learnt: Learnt,
    pub walked: Walked,
    pub tabled: Tabled,
    /// Some of the functions.
    pub functions: Vec<u64>,
    /// Numbers of the nodes that stand in read-only memory.
    pub read_only: Vec<Range<u32>>,
    by_map: Vec<Tally>,
}

/// Strings that V8's own tables have, and hold in the eyes of its snapshots.
#[derive(Debug, Default)]
pub struct Tabled {
    pub internalized: Vec<NodeIdx>,
    pub external: Vec<NodeIdx>,
}

/// Of the objects of one map.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    count: u64,
    example: u64,
}

/// Goes over all pages. What stands in read-only memory, which all isolates share, has a size of 0 where V8's snapshots have it so: from Node 24 on.
pub fn find_nodes<'a>(
    regions: &'a Regions<'a>,
    layout: &'a Layout,
    chunks: &[Chunk],
    unused: Vec<Range<u64>>,
) -> Nodes<'a> {
    let identity = Identity::new(chunks);
    let mut builder = GroupedBuilder::new();
    builder.node(NodeType::Synthetic, 0, 1, 0);
    let mut starts = Starts::new(1);
    let mut extents = vec![0u32];
    let (mut tables, mut native_contexts, mut read_only) = (Vec::new(), Vec::new(), Vec::new());
    let mut by_map: Vec<Tally> = Vec::new();
    let (mut tabled, mut functions) = (Tabled::default(), Vec::new());
    let mut learnt = Learnt::default();
    let types = &layout.types;
    let weak = ["JSWeakMap", "JSWeakSet"].map(|class| types.of_class(class));
    // V8 counts what an external string keeps outside of the heap as the string's own from Node 24 on, which has a type that those before it have not.
    let is_24 = types.is_24();
    let mut walker = Walker::new(regions, layout, unused);
    for chunk in chunks {
        let (first, walked) = (starts.next(), walker.walked);
        starts.begin(chunk);
        walker.walk(chunk, |_, object| {
            // Nodes are counted in 32 bits; what is beyond is no node.
            if starts.next() >= u32::MAX - 1024 {
                return;
            }
            starts.add(object.address);
            extents.push(object.words.len() as u32);
            let size = match chunk.is_read_only() {
                true if is_24 => 0,
                false if is_24 => object.size + outside(types, object.instance_type, object.words),
                _ => object.size,
            };
            let node = builder.node(NodeType::Hidden, 0, identity.of(chunk.base, object.address), size);
            let row = object.map.row();
            if row >= by_map.len() {
                by_map.resize(row + 1, Tally::default());
            }
            by_map[row].count += 1;
            by_map[row].example = object.address;
            let kind = object.instance_type;
            if types.is_string(kind) {
                match kind {
                    _ if chunk.is_read_only() => {}
                    kind if kind & NOT_INTERNALIZED == 0 => tabled.internalized.push(node),
                    kind if kind & REPRESENTATION == EXTERNAL => tabled.external.push(node),
                    _ => {}
                }
            } else if types.is_js_function(kind) {
                if functions.len() < FUNCTIONS {
                    functions.push(object.address);
                }
            } else if types.is_fixed_array(kind) && kind != types.fixed_array {
                tables.push(object.address);
            } else if types.is_context(kind) && is_native_context(regions, layout, object.address) {
                native_contexts.push(object.address);
            } else if learnt.ephemerons.is_none() && weak.contains(&Some(kind)) {
                let table = object.words.get(3).and_then(|word| pointee(*word));
                learnt.ephemerons =
                    table.and_then(|table| type_of(regions, layout, table)).filter(|kind| types.is_fixed_array(*kind));
            }
        });
        starts.end();
        if chunk.is_read_only() {
            read_only.push(first..starts.next());
            // V8 does not count it as in use.
            walker.walked = walked;
        }
    }
    let Walker { maps, walked, .. } = walker;
    Nodes {
        builder,
        starts,
        maps,
        extents,
        tables,
        native_contexts,
        learnt,
        walked,
        tabled,
        functions,
        read_only,
        by_map,
    }
}

/// Bytes that the characters of an external string take outside of the heap.
fn outside(types: &Types, kind: u16, words: &[u64]) -> u64 {
    if !types.is_string(kind) || kind & REPRESENTATION != EXTERNAL {
        return 0;
    }
    let length = words.get(1).map_or(0, |word| word >> 32);
    if kind & ONE_BYTE != 0 { length } else { 2 * length }
}

/// From Node 26 on V8 says of a realm's two global objects which one is meant: that with the properties, or the one before it.
fn global_name(types: &Types, instance_type: u16, name: &str) -> String {
    match types.class(instance_type) {
        _ if !types.is_26() => name.to_owned(),
        Some("JSGlobalObject") => format!("{name} (global*)"),
        _ => format!("{name} (global)"),
    }
}

/// A kind and a name that all objects of a map have, or how each gets its own.
#[derive(Clone, Copy, Debug)]
enum Called {
    By(NodeType, u32),
    Each(NodeType, EachName),
    /// With the place of the constructor.
    Made(u32, Location),
}

#[derive(Clone, Copy, Debug)]
enum EachName {
    Text,
    Function,
    Shared,
    Field(u64),
    Symbol,
    Context,
    /// By what it has under `Symbol.toStringTag` itself, or else this.
    Tag(u32, Option<Location>),
}

/// Gives nodes their kinds and names.
pub struct Namer<'a> {
    regions: &'a Regions<'a>,
    layout: &'a Layout,
    places: &'a Places<'a>,
    constructors: Constructors<'a>,
    contents: Contents,
    of_map: Vec<Option<Called>>,
    of_shared: FxHashMap<u64, (u32, Option<Location>)>,
    scripts: FxHashMap<String, u32>,
}

impl<'a> Namer<'a> {
    pub fn new(regions: &'a Regions<'a>, layout: &'a Layout, places: &'a Places<'a>) -> Self {
        Self {
            regions,
            layout,
            places,
            constructors: Constructors::new(regions, layout, places),
            contents: Contents::default(),
            of_map: Vec::new(),
            of_shared: FxHashMap::default(),
            scripts: FxHashMap::default(),
        }
    }

    pub fn name_all(&mut self, nodes: &mut Nodes<'_>) {
        let Nodes { builder, starts, maps, read_only, by_map, .. } = nodes;
        for (row, address) in starts.addresses().enumerate() {
            let node = NodeIdx(row as u32 + 1);
            let Some(map) = self.regions.word(address).and_then(|word| maps.of(word)) else { continue };
            if map.row() >= self.of_map.len() {
                self.of_map.resize(map.row() + 1, None);
            }
            let called = self.of_map[map.row()].unwrap_or_else(|| {
                let info = *maps.info(map);
                let called = self.called(
                    builder,
                    info.address,
                    info.instance_type,
                    by_map.get(map.row()).copied().unwrap_or_default(),
                );
                self.of_map[map.row()] = Some(called);
                called
            });
            let (kind, name) = match called {
                Called::By(kind, name) => (kind, name),
                Called::Made(name, location) => {
                    builder.location(node, location);
                    (NodeType::Object, name)
                }
                Called::Each(kind, how) => self.each(builder, node, address, kind, how),
            };
            // V8 takes maps of its own for none of the program's shapes.
            let is_v8s = kind == NodeType::ObjectShape
                && maps.info(map).instance_type == self.layout.types.map
                && read_only.iter().any(|range| range.contains(&node.0));
            builder.set_kind(node, if is_v8s { NodeType::Hidden } else { kind });
            builder.set_name(node, name);
        }
    }

    fn called(&mut self, builder: &mut GroupedBuilder, map: u64, instance_type: u16, tally: Tally) -> Called {
        let (kind, naming) = kind_of(self.layout, instance_type);
        let each = match naming {
            Naming::Fixed(name) => return Called::By(kind, builder.text(&name)),
            Naming::Class => {
                if let Some(tag) = self.tag_of_global(instance_type, tally.example) {
                    let tag = self.contents.read(self.regions, self.layout, tag);
                    return Called::By(kind, builder.text(&global_name(&self.layout.types, instance_type, tag)));
                }
                if self.layout.types.is_26()
                    && matches!(self.layout.types.class(instance_type), Some("JSGlobalObject" | "JSGlobalProxy"))
                {
                    let name = global_name(&self.layout.types, instance_type, "Object");
                    return Called::By(kind, builder.text(&name));
                }
                let class = self.constructors.class_of(map, tally.example, tally.count == 1);
                let Some(class) = class else {
                    let name = self.constructors.class_of_type(instance_type, tally.example);
                    let name = builder.text(if name == "ExternalObject" { "Object" } else { name });
                    if tally.count > 1 && self.constructors.may_have_tags(map) {
                        return Called::Each(kind, EachName::Tag(name, None));
                    }
                    return Called::By(kind, name);
                };
                let name = builder.text(&class.name);
                let location = class.location.and_then(|place| self.location(&place));
                if tally.count > 1 && self.constructors.may_have_tags(map) {
                    return Called::Each(kind, EachName::Tag(name, location));
                }
                return match location {
                    Some(location) => Called::Made(name, location),
                    None => Called::By(kind, name),
                };
            }
            Naming::Text => EachName::Text,
            Naming::Function => EachName::Function,
            Naming::Shared => EachName::Shared,
            Naming::Field(offset) => EachName::Field(offset),
            Naming::Symbol => EachName::Symbol,
            Naming::Context => EachName::Context,
        };
        Called::Each(kind, each)
    }

    /// The `Symbol.toStringTag` of a global object, whose properties are in cells; its proxy has it for a prototype.
    fn tag_of_global(&self, instance_type: u16, object: u64) -> Option<u64> {
        let (regions, layout) = (self.regions, self.layout);
        let global = match layout.types.class(instance_type)? {
            "JSGlobalObject" => object,
            "JSGlobalProxy" => regions.follow(regions.follow(object)? + layout.map.prototype)?,
            _ => return None,
        };
        let table = regions.follow(global + layout.names.properties)?;
        let length = regions.count(table + 8)?;
        let cells = (0..length.min(MOST_GLOBALS)).filter_map(|at| regions.follow(table + 16 + 8 * at));
        let is_tag = |cell: &u64| is_key(regions, layout, cell + 8, TO_STRING_TAG);
        let mut properties = cells.filter(|cell| {
            type_of(regions, layout, *cell).and_then(|kind| layout.types.class(kind)) == Some("PropertyCell")
        });
        let tag = regions.follow(properties.find(is_tag)? + 24)?;
        type_of(regions, layout, tag).filter(|kind| layout.types.is_string(*kind)).map(|_| tag)
    }

    fn each(
        &mut self,
        builder: &mut GroupedBuilder,
        node: NodeIdx,
        address: u64,
        kind: NodeType,
        how: EachName,
    ) -> (NodeType, u32) {
        match how {
            EachName::Text => (kind, builder.text(self.contents.read(self.regions, self.layout, address))),
            EachName::Field(offset) => {
                let name = self.regions.follow(address + offset);
                let name = name.map_or(0, |name| builder.text(self.contents.read(self.regions, self.layout, name)));
                (kind, name)
            }
            EachName::Function => {
                let Some(shared) = self.regions.follow(address + self.layout.names.function_shared) else {
                    return (kind, 0);
                };
                let (name, location) = self.function(builder, shared);
                if let Some(location) = location {
                    builder.location(node, location);
                }
                (kind, name)
            }
            EachName::Shared => match self.function(builder, address).0 {
                0 => (kind, builder.text("(shared function info)")),
                name => (kind, name),
            },
            EachName::Symbol if is_private(self.regions, self.layout, address) => {
                (NodeType::Hidden, builder.text("private symbol"))
            }
            EachName::Symbol => (kind, builder.text("symbol")),
            EachName::Tag(name, location) => {
                if let Some(tag) = self.constructors.tag_on(address) {
                    return (kind, builder.text(&tag.name));
                }
                if let Some(location) = location {
                    builder.location(node, location);
                }
                (kind, name)
            }
            EachName::Context if is_native_context(self.regions, self.layout, address) => {
                (NodeType::Hidden, builder.text("system / NativeContext"))
            }
            EachName::Context => (kind, builder.text("system / Context")),
        }
    }

    /// The name and the place of a function.
    fn function(&mut self, builder: &mut GroupedBuilder, shared: u64) -> (u32, Option<Location>) {
        if let Some(known) = self.of_shared.get(&shared) {
            return *known;
        }
        let name = builder.text(&function_names(self.regions, self.layout, shared).own);
        let location = self.places.of_function(shared).and_then(|place| self.location(&place));
        self.of_shared.insert(shared, (name, location));
        (name, location)
    }

    /// `script:line:column`, counted from 1, as a graph has it. Scripts have numbers of this graph's own.
    fn location(&mut self, place: &str) -> Option<Location> {
        let (rest, column) = place.rsplit_once(':')?;
        let (script, line) = rest.rsplit_once(':')?;
        let next = self.scripts.len() as u32 + 1;
        let script_id = *self.scripts.entry(script.to_owned()).or_insert(next);
        let from_zero = |number: &str| number.parse::<u32>().ok()?.checked_sub(1);
        Some(Location { script_id, line: from_zero(line)?, column: from_zero(column)? })
    }
}
