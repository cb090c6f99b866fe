//! Edges of JavaScript's own objects: properties by name, elements by number, and what V8 keeps in them.

use super::edges::Edges;
use super::plan::{Keeping, Receiver};
use crate::heap::EdgeType;
use crate::pages::maps::type_of;
use crate::pages::properties::Place;
use crate::pages::regions::pointee;

impl Edges<'_> {
    pub(super) fn receiver(&mut self, plan: &Receiver, words: &[u64]) {
        match plan.keeping {
            Keeping::Fields => self.own_properties(plan, words),
            Keeping::Dictionary if plan.is_global => self.global_properties(words),
            Keeping::Dictionary => self.dictionary_properties(words),
        }
        self.elements(plan, words);
        if plan.is_function {
            self.prototype_of_function(words);
            self.code_of_function(words);
        }
        if plan.is_buffer {
            self.backing_store(words);
        }
        self.teller.named(EdgeType::Property, self.names.proto, plan.prototype);
        self.fields(words, &plan.named);
        for (at, name, tag) in [
            (1, self.names.properties, self.names.object_properties),
            (2, self.names.elements, self.names.object_elements),
        ] {
            // The empty array, which is read-only, is everybody's and nobody's.
            let to = words.get(at).and_then(|word| self.teller.target(*word));
            if to.is_some_and(|to| !self.teller.is_read_only(to))
                && let Some(to) = self.teller.field(EdgeType::Internal, name, words, at)
            {
                self.teller.tag(to, tag);
            }
        }
        self.teller.rest(words, 3);
    }

    fn own_properties(&mut self, plan: &Receiver, words: &[u64]) {
        // Words of the PropertyArray, if there is one.
        let outside = words.get(1).and_then(|word| pointee(*word));
        for own in &plan.own {
            let (inside, value) = match own.place {
                Place::Inside(at) => (Some(at), words.get(at).copied()),
                Place::Outside(at) => (None, outside.and_then(|array| self.regions.word(array + 16 + 8 * at))),
                Place::Shared(word) => (None, Some(word)),
            };
            let Some(value) = value.filter(|value| pointee(*value).is_some()) else { continue };
            // What V8 answers itself, as `length` and `name` of functions, is no property that holds anything.
            if own.is_accessor && !pointee(value).is_some_and(|pair| self.is_a(pair, "AccessorPair")) {
                continue;
            }
            let Some(name) = self.key(own.key) else { continue };
            match inside {
                Some(at) => _ = self.teller.field(EdgeType::Property, name, words, at),
                None => _ = self.teller.named(EdgeType::Property, name, value),
            }
            if own.is_accessor {
                self.accessors(name, value);
            }
        }
    }

    /// Getter and setter under their own names, beside the pair that holds them.
    fn accessors(&mut self, name: u32, pair: u64) {
        let Some(pair) = pointee(pair).filter(|pair| self.is_a(*pair, "AccessorPair")) else { return };
        for (prefix, at) in [("get", 8), ("set", 16)] {
            let Some(function) = self.regions.word(pair + at) else { continue };
            if pointee(function).is_some_and(|function| !self.is_a(function, "Oddball")) {
                let text = format!("{prefix} {}", self.teller.builder.text_of(name));
                let name = self.teller.builder.text(&text);
                self.teller.named(EdgeType::Property, name, function);
            }
        }
    }

    /// Three words for each property: key, value, details.
    fn dictionary_properties(&mut self, words: &[u64]) {
        let names = &self.layout.names;
        let (prefix, entry) = (names.dictionary_prefix, names.dictionary_entry);
        let Some(table) = words.get(1).and_then(|word| pointee(*word)) else { return };
        for at in 0..self.entries(table, prefix, entry) {
            let first = table + 16 + 8 * (prefix + at * entry);
            let Some((key, value)) = self.regions.follow(first).zip(self.regions.word(first + 8)) else { continue };
            if pointee(value).is_none() || self.is_a(key, "Oddball") || self.is_a(key, "Hole") {
                continue;
            }
            let Some(name) = self.key(key) else { continue };
            self.teller.named(EdgeType::Property, name, value);
            self.accessors(name, value);
        }
    }

    /// How many entries a table has room for: no more than its length in memory.
    fn entries(&self, table: u64, prefix: u64, entry: u64) -> u64 {
        let length = self.regions.count(table + 8).unwrap_or(0);
        let there = self.regions.containing(table).map_or(0, |region| (region.end() - table) / 8);
        length.min(there).saturating_sub(prefix) / entry
    }

    /// A global object has a cell for each property, which has its name and its value.
    fn global_properties(&mut self, words: &[u64]) {
        let Some(table) = words.get(1).and_then(|word| pointee(*word)) else { return };
        for at in 0..self.entries(table, 0, 1) {
            let Some(cell) = self.regions.follow(table + 16 + 8 * at).filter(|cell| self.is_a(*cell, "PropertyCell"))
            else {
                continue;
            };
            let (key, value) = (self.regions.follow(cell + 8), self.regions.word(cell + 24));
            let Some((name, value)) = key.and_then(|key| self.key(key)).zip(value) else { continue };
            self.teller.named(EdgeType::Property, name, value);
            self.accessors(name, value);
        }
    }

    fn elements(&mut self, plan: &Receiver, words: &[u64]) {
        let Some(array) = words.get(2).and_then(|word| pointee(*word)) else { return };
        let Some(kind) = type_of(self.regions, self.layout, array) else { return };
        if plan.has_dictionary_elements {
            let (prefix, entry) =
                (self.layout.edges.number_dictionary_prefix, self.layout.edges.number_dictionary_entry);
            for at in 0..self.entries(array, prefix, entry) {
                let first = array + 16 + 8 * (prefix + at * entry);
                let Some(index) = self.regions.count(first) else { continue };
                let value = self.regions.word(first + 8).unwrap_or(0);
                self.teller.element(EdgeType::Element, index as usize, value);
            }
        } else if kind == self.layout.types.fixed_array {
            let length = self.entries(array, 0, 1) as usize;
            let Some(region) = self.regions.containing(array) else { return };
            let from = ((array - region.base) / 8) as usize + 2;
            let values = region.words.get(from..).unwrap_or_default();
            for (at, value) in values.iter().take(length).enumerate() {
                self.teller.element(EdgeType::Element, at, *value);
            }
        }
    }

    /// The code that it runs, where it is told outside of the heap.
    fn code_of_function(&mut self, words: &[u64]) {
        let Some(handle) = self.layout.edges.function_dispatch.and_then(|at| words.get(at)) else { return };
        let code = self.dispatch.as_mut().and_then(|dispatch| dispatch.code(*handle));
        if let Some(node) = code.and_then(|code| self.teller.starts.at(code)) {
            self.teller.edge(EdgeType::Internal, self.names.code, node);
        }
    }

    /// The prototype that `new` gives, or the map that has it.
    fn prototype_of_function(&mut self, words: &[u64]) {
        let Some(at) = self.layout.edges.prototype_or_initial_map.filter(|at| *at < words.len()) else { return };
        let Some(held) = pointee(words[at]) else { return };
        if self.is_a(held, "Map") {
            let prototype = self.regions.word(held + self.layout.map.prototype).unwrap_or(0);
            self.teller.named(EdgeType::Property, self.names.prototype, prototype);
            self.teller.field(EdgeType::Internal, self.names.initial_map, words, at);
        } else if type_of(self.regions, self.layout, held).is_some_and(|kind| self.layout.types.is_receiver(kind)) {
            self.teller.field(EdgeType::Property, self.names.prototype, words, at);
        }
    }
}
