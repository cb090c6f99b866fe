//! Edges of contexts: the variables of a scope by name, through the ScopeInfo that describes it.

use super::edges::Edges;
use crate::heap::EdgeType;
use crate::pages::functions::INLINED_NAMES;
use crate::pages::maps::type_of;
use crate::pages::regions::pointee;
use crate::pages::size::is_native_context;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Names of the variables of a scope; more than any program has, and all that is believed of a length.
const MOST: u64 = 1 << 16;

/// Variables of the scopes that were met: by ScopeInfo, which of `names` are its own.
#[derive(Debug, Default)]
pub struct Scopes {
    of: FxHashMap<u64, Range<usize>>,
    /// The number of a name, and which variable it is.
    names: Vec<(u32, usize)>,
}

impl Edges<'_> {
    pub(super) fn context(&mut self, address: u64, words: &[u64]) {
        // Behind the map and the length: the ScopeInfo, and the scope around.
        let slots = 2;
        let is_native = is_native_context(self.regions, self.layout, address);
        if !is_native && let Some(scope) = words.get(slots).and_then(|word| pointee(*word)) {
            self.variables(words, scope);
        }
        self.teller.field(EdgeType::Internal, self.names.scope_info, words, slots);
        self.teller.field(EdgeType::Internal, self.names.previous, words, slots + 1);
        if is_native {
            self.teller.field(EdgeType::Internal, self.names.extension, words, slots + 2);
            self.teller.field(EdgeType::Internal, self.names.global_proxy_object, words, slots + 3);
            if let Some(at) = self.layout.edges.embedder_data {
                self.teller.field(EdgeType::Internal, self.names.embedder_data, words, at);
            }
            // The last slot leads to the next realm, and does not hold it. Behind the slots there may be a word that is no pointer.
            let count = self.regions.count(address + 8).map_or(words.len(), |count| count as usize);
            self.teller.rest(&words[..words.len().min(slots + count).saturating_sub(1)], 1);
        } else {
            self.teller.rest(words, 1);
        }
    }

    fn variables(&mut self, words: &[u64], scope: u64) {
        let variables = self.variables_of(scope);
        let count = variables.len();
        let first = 2 + self.layout.edges.context_slots as usize;
        // One slot more than there are variables: that of the function's own name, at the end, or one before all, for what `eval` or a module adds.
        let has_extension = words.len() > first + count && !self.is_own_function(words, scope);
        let first = first + usize::from(has_extension);
        for at in variables {
            let (name, variable) = self.scopes.names[at];
            self.teller.field(EdgeType::Context, name, words, first + variable);
        }
        if has_extension {
            self.teller.field(EdgeType::Internal, self.names.extension, words, first - 1);
        }
    }

    /// Whether the last slot holds the function whose scope it is.
    fn is_own_function(&self, words: &[u64], scope: u64) -> bool {
        let function = words.last().and_then(|word| pointee(*word));
        let is_function = |function: &u64| {
            type_of(self.regions, self.layout, *function).is_some_and(|kind| self.layout.types.is_js_function(kind))
        };
        let shared = function
            .filter(is_function)
            .and_then(|function| self.regions.follow(function + self.layout.names.function_shared));
        shared.and_then(|shared| self.regions.follow(shared + self.layout.names.shared_name_or_scope_info))
            == Some(scope)
    }

    fn variables_of(&mut self, scope: u64) -> Range<usize> {
        if let Some(known) = self.scopes.of.get(&scope) {
            return known.clone();
        }
        let from = self.scopes.names.len();
        if type_of(self.regions, self.layout, scope) == Some(self.layout.types.scope_info) {
            self.read_variables(scope);
        }
        let found = from..self.scopes.names.len();
        self.scopes.of.insert(scope, found.clone());
        found
    }

    /// Up to a number of variables their names stand in the ScopeInfo; from there on in a table, each followed by which one it is.
    fn read_variables(&mut self, scope: u64) {
        let names = &self.layout.names;
        let (counted, first) =
            (scope + 8 * (1 + names.scope_context_locals), scope + 8 * (1 + names.scope_first_variable));
        let Some(count) = self.regions.count(counted).filter(|count| *count <= MOST) else { return };
        if count < INLINED_NAMES {
            for at in 0..count {
                let key = self.regions.follow(first + 8 * at);
                if let Some(name) = key.and_then(|key| self.key(key)) {
                    self.scopes.names.push((name, at as usize));
                }
            }
            return;
        }
        let Some(table) = self.regions.follow(first) else { return };
        let length = self.regions.count(table + 8).unwrap_or(0);
        for at in 0..length.min(4 * MOST) {
            let entry = table + 16 + 8 * at;
            let Some((key, variable)) = self.regions.follow(entry).zip(self.regions.count(entry + 8)) else { continue };
            if let Some(name) = self.key(key) {
                self.scopes.names.push((name, variable as usize));
            }
        }
    }
}
