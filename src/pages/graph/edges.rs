//! The edges of one object after the other, under the names that V8's snapshots have for them.

use super::dispatch::Dispatch;
use super::ephemerons::Ephemerons;
use super::fields::FIELDS;
use super::kin::Kin;
use super::plan::{Learnt, NamedWord, Plan};
use super::scopes::Scopes;
use super::teller::Teller;
use crate::heap::{EdgeType, NodeIdx, NodeType};
use crate::pages::layout::Layout;
use crate::pages::maps::{MapIdx, Maps, type_of};
use crate::pages::properties::is_private;
use crate::pages::regions::{Regions, pointee};
use crate::pages::text::Contents;
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// How the objects of a map are told, and what of theirs is of their kind.
type Told = (Plan, Option<Kin>);

/// Everything that the edges of an object depend on.
pub struct Edges<'a> {
    pub regions: &'a Regions<'a>,
    pub layout: &'a Layout,
    pub maps: Maps<'a>,
    pub teller: Teller,
    plans: Vec<Option<Rc<Told>>>,
    learnt: Learnt,
    /// Numbers of the names of [`FIELDS`], and of what they hold.
    field_names: Vec<(u32, Option<u32>)>,
    pub(super) names: Names,
    keys: FxHashMap<u64, u32>,
    contents: Contents,
    pub(super) dispatch: Option<Dispatch<'a>>,
    pub(super) scopes: Scopes,
    pub(super) ephemerons: Ephemerons,
    /// Memory of buffers outside of the heap: which node it is, by address. They come behind all objects.
    pub(super) stores: FxHashMap<u64, NodeIdx>,
    pub(super) store_sizes: Vec<(u64, u64)>,
    pub(super) first_store: u32,
}

/// Numbers of names that are no field's.
pub(super) struct Names {
    pub proto: u32,
    pub properties: u32,
    pub elements: u32,
    pub prototype: u32,
    pub initial_map: u32,
    pub code: u32,
    pub backing_store: u32,
    pub object_properties: u32,
    pub object_elements: u32,
    pub scope_info: u32,
    pub previous: u32,
    pub extension: u32,
    pub global_proxy_object: u32,
    pub embedder_data: u32,
    pub native_context: u32,
    pub constructor: u32,
    pub back_pointer: u32,
    pub descriptors: u32,
    pub dependent_code: u32,
    pub transitions: u32,
    pub transition: u32,
    pub prototype_info: u32,
}

impl<'a> Edges<'a> {
    pub fn new(
        regions: &'a Regions<'a>,
        layout: &'a Layout,
        maps: Maps<'a>,
        mut teller: Teller,
        learnt: Learnt,
        dispatch: Option<Dispatch<'a>>,
    ) -> Self {
        let mut text = |text: &str| teller.builder.text(text);
        let field_names = FIELDS.iter().map(|field| (text(field.name), field.tag.map(&mut text))).collect();
        let names = Names {
            proto: text("__proto__"),
            properties: text("properties"),
            elements: text("elements"),
            prototype: text("prototype"),
            initial_map: text("initial_map"),
            code: text("code"),
            backing_store: text("backing_store"),
            object_properties: text("(object properties)"),
            object_elements: text("(object elements)"),
            scope_info: text("scope_info"),
            previous: text("previous"),
            extension: text("extension"),
            global_proxy_object: text("global_proxy_object"),
            embedder_data: text("embedder_data"),
            native_context: text("native_context"),
            constructor: text("constructor"),
            back_pointer: text("back_pointer"),
            descriptors: text("descriptors"),
            dependent_code: text("dependent_code"),
            transitions: text("transitions"),
            transition: text("transition"),
            prototype_info: text("prototype_info"),
        };
        Self {
            regions,
            layout,
            maps,
            plans: Vec::new(),
            learnt,
            field_names,
            names,
            keys: FxHashMap::default(),
            contents: Contents::default(),
            dispatch,
            scopes: Scopes::default(),
            ephemerons: Ephemerons::default(),
            stores: FxHashMap::default(),
            store_sizes: Vec::new(),
            // Behind the objects and `(GC roots)`.
            first_store: teller.builder.node_count() as u32 + 1,
            teller,
        }
    }

    /// Tells all edges of the object at an address, which is `length` words long.
    pub fn tell(&mut self, node: NodeIdx, address: u64, length: u32) {
        self.teller.begin(node);
        if let Some(words) = self.words(address, length)
            && let Some(map) = words.first().and_then(|word| self.maps.of(*word))
        {
            let plan = self.plan(map);
            let (plan, kin) = &*plan;
            match plan {
                Plan::Raw(limit) => self.teller.rest(&words[..words.len().min((*limit).max(1))], 1),
                Plan::System(named) => {
                    self.fields(words, named);
                    self.teller.rest(words, 1);
                }
                Plan::Array => {
                    for (at, word) in words.iter().enumerate().skip(2) {
                        self.teller.element(EdgeType::Internal, at - 2, *word);
                    }
                }
                Plan::Ephemerons => self.ephemeron_table(node, words),
                Plan::Context => self.context(address, words),
                Plan::Map => self.map(words),
                Plan::Receiver(receiver) => self.receiver(receiver, words),
            }
            self.teller.named(EdgeType::Internal, self.teller.map_name, words[0]);
            if let Some(kin) = kin {
                self.adopt(kin, words);
            }
        }
        self.ephemeron_values(node);
        self.teller.end();
    }

    /// The words of an object, as far as they are there.
    pub(super) fn words(&self, address: u64, length: u32) -> Option<&'a [u64]> {
        let region = self.regions.containing(address)?;
        let from = ((address - region.base) / 8) as usize;
        let words = region.words.get(from..)?;
        Some(&words[..words.len().min(length as usize)])
    }

    fn plan(&mut self, map: MapIdx) -> Rc<Told> {
        if map.row() >= self.plans.len() {
            self.plans.resize(map.row() + 1, None);
        }
        let (maps, regions, layout, learnt) = (&self.maps, self.regions, self.layout, self.learnt);
        Rc::clone(self.plans[map.row()].get_or_insert_with(|| {
            let info = maps.info(map);
            Rc::new((Plan::of(regions, layout, info, learnt), Kin::of(layout, info.instance_type)))
        }))
    }

    /// Fields that have names.
    pub(super) fn fields(&mut self, words: &[u64], named: &[NamedWord]) {
        for NamedWord { word, field } in named {
            let (name, tag) = self.field_names[*field];
            if let Some(to) = self.teller.field(FIELDS[*field].kind, name, words, *word)
                && let Some(tag) = tag
            {
                self.teller.tag(to, tag);
            }
        }
    }

    /// What a property is called whose key is the string or the symbol at an address.
    pub(super) fn key(&mut self, key: u64) -> Option<u32> {
        if let Some(known) = self.keys.get(&key) {
            return Some(*known);
        }
        let (regions, layout) = (self.regions, self.layout);
        let instance_type = type_of(regions, layout, key)?;
        let builder = &mut self.teller.builder;
        let name = if instance_type == layout.types.symbol {
            let description = layout.names.symbol_description.and_then(|at| regions.follow(key + at));
            match description.map(|text| self.contents.read(regions, layout, text)).unwrap_or_default() {
                "" => builder.text("<symbol>"),
                // The name of a private field.
                text if text.starts_with('#') && is_private(regions, layout, key) => builder.text(text),
                text => builder.text(&format!("<symbol {text}>")),
            }
        } else if layout.types.is_string(instance_type) {
            builder.text(self.contents.read(regions, layout, key))
        } else {
            return None;
        };
        // A dictionary's keys are often its own.
        if self.keys.len() < MOST_KEYS {
            self.keys.insert(key, name);
        }
        Some(name)
    }

    /// A map: `constructor_or_back_pointer` and the transitions are told by what they are.
    fn map(&mut self, words: &[u64]) {
        let (layout, edges) = (self.layout, &self.layout.edges);
        let word = |offset: u64| (offset / 8) as usize;
        let names = &self.names;
        let teller = &mut self.teller;
        let back = word(layout.map.constructor_or_back_pointer);
        let back_type = words.get(back).and_then(|word| type_of(self.regions, layout, pointee(*word)?));
        let name = match back_type {
            Some(kind) if kind == layout.types.map => names.back_pointer,
            Some(kind) if layout.types.is_context(kind) => names.native_context,
            _ => names.constructor,
        };
        teller.field(EdgeType::Internal, names.descriptors, words, word(layout.map.instance_descriptors));
        teller.field(EdgeType::Internal, names.prototype, words, word(layout.map.prototype));
        teller.field(EdgeType::Internal, name, words, back);
        if let Some(at) = edges.map_dependent_code {
            teller.field(EdgeType::Internal, names.dependent_code, words, at);
        }
        if let Some(at) = edges.map_transitions {
            let kind = words.get(at).and_then(|word| type_of(self.regions, layout, pointee(*word)?));
            let name = match kind {
                kind if kind == layout.types.transition_array() => names.transitions,
                Some(kind) if layout.types.class(kind) == Some("PrototypeInfo") => names.prototype_info,
                _ => names.transition,
            };
            teller.field(EdgeType::Internal, name, words, at);
        }
        teller.rest(words, 1);
    }

    pub(super) fn is_a(&self, address: u64, class: &str) -> bool {
        type_of(self.regions, self.layout, address).and_then(|kind| self.layout.types.class(kind)) == Some(class)
    }

    /// The memory of a buffer outside of the heap. Several buffers may share it.
    pub(super) fn backing_store(&mut self, words: &[u64]) {
        let word = |at: Option<u64>| words.get((at? / 8) as usize).copied();
        let (Some(store), Some(length)) = (word(self.layout.edges.buffer_store), word(self.layout.edges.buffer_length))
        else {
            return;
        };
        if store == 0 || length == 0 {
            return;
        }
        let next = NodeIdx(self.first_store + self.store_sizes.len() as u32);
        let node = *self.stores.entry(store).or_insert(next);
        if node == next {
            self.store_sizes.push((store, length));
        }
        self.teller.edge(EdgeType::Internal, self.names.backing_store, node);
    }

    /// Adds the nodes of buffers' memory. Their ids are even, as V8's of native things, and made of all of the address: memories of WebAssembly lie gigabytes apart.
    pub fn add_stores(&mut self) {
        let name = self.teller.builder.text("system / JSArrayBufferData");
        let mut taken = FxHashSet::default();
        for (store, length) in std::mem::take(&mut self.store_sizes) {
            let mut id = store.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
            while id == 0 || !taken.insert(id) {
                id = (id + 1) & 0x7fff_ffff;
            }
            self.teller.builder.node(NodeType::Native, name, id << 1, length);
        }
    }
}

/// Keys whose names are remembered.
const MOST_KEYS: usize = 1 << 16;
