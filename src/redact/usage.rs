//! What each string of the file is used for, learned from nodes and edges before the strings come.
//!
//! A byte for each string, four for each node, and twelve for each string that a piece of code refers to.

use crate::heap::{EdgeRow, EdgeType, NodeRow, NodeType};
use rustc_hash::FxHashMap;

/// Sets of uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses(u8);

impl Uses {
    pub const NONE: Uses = Uses(0);
    /// A name that only a program's source, or V8, can give.
    pub const IDENTIFIER: Uses = Uses(1);
    pub const CONTENT: Uses = Uses(2);
    pub const PROPERTY: Uses = Uses(4);
    pub const CLASS: Uses = Uses(8);
    /// The name of an edge of V8's own.
    pub const LINK: Uses = Uses(16);
    /// The name of a piece of code, or of a script.
    pub const CODE: Uses = Uses(32);
    pub const NATIVE: Uses = Uses(64);

    pub const fn or(self, other: Uses) -> Uses {
        Uses(self.0 | other.0)
    }

    pub fn has(self, any: Uses) -> bool {
        self.0 & any.0 != 0
    }
}

/// A piece of code refers to a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    /// The number of the string's text.
    pub to: u32,
    /// The number of the code's name.
    pub from: u32,
    /// The number of the edge's name, or `UNNAMED`.
    pub edge: u32,
}

pub(super) const UNNAMED: u32 = u32::MAX;
const NOT_TEXT: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Code {
    name: u32,
    /// Its edges, counted from the first of the file.
    begin: u32,
    end: u32,
}

#[derive(Debug, Default)]
pub(super) struct Usage {
    uses: UseTable,
    /// For each node that is a flat string the number of its text.
    texts: Vec<u32>,
    code: Vec<Code>,
    /// The piece of code that the next edge belongs to, or comes before.
    at_code: usize,
    edges_owned: u32,
    edge: u32,
    references: Vec<Reference>,
}

impl Usage {
    pub fn node(&mut self, row: NodeRow) {
        self.texts.push(if row.kind == NodeType::String { row.name } else { NOT_TEXT });
        // The parser has refused counts that add up to more than 32 bits hold.
        let end = self.edges_owned.saturating_add(row.edge_count);
        if row.kind == NodeType::Code {
            self.code.push(Code { name: row.name, begin: self.edges_owned, end });
        }
        self.edges_owned = end;
        self.uses.add(row.name, use_of_name(row.kind));
    }

    pub fn edge(&mut self, row: EdgeRow) {
        let index = self.edge;
        self.edge = self.edge.saturating_add(1);
        match row.kind {
            EdgeType::Context => self.uses.add(row.name_or_index, Uses::IDENTIFIER),
            EdgeType::Property => self.uses.add(row.name_or_index, Uses::PROPERTY),
            EdgeType::Internal | EdgeType::Shortcut | EdgeType::Weak => self.uses.add(row.name_or_index, Uses::LINK),
            EdgeType::Element | EdgeType::Hidden | EdgeType::Other => {}
        }
        while self.code.get(self.at_code).is_some_and(|code| code.end <= index) {
            self.at_code += 1;
        }
        let Some(code) = self.code.get(self.at_code).filter(|code| code.begin <= index) else { return };
        let to = self.texts.get(row.to.row()).copied().unwrap_or(NOT_TEXT);
        if to != NOT_TEXT {
            let edge = if row.kind.has_text_name() { row.name_or_index } else { UNNAMED };
            self.references.push(Reference { to, from: code.name, edge });
        }
    }

    /// What the strings are used for, and the references of code to them in the order of the strings; nodes and edges are over.
    pub fn complete(self) -> (UseTable, Vec<Reference>) {
        let mut references = self.references;
        references.sort_unstable();
        references.dedup();
        (self.uses, references)
    }
}

fn use_of_name(kind: NodeType) -> Uses {
    match kind {
        NodeType::Object => Uses::CLASS,
        NodeType::Code => Uses::CODE,
        NodeType::Native => Uses::NATIVE,
        NodeType::String | NodeType::ConsString | NodeType::SlicedString | NodeType::RegExp | NodeType::Symbol => {
            Uses::CONTENT
        }
        // Not known to be harmless.
        NodeType::Other => Uses::CONTENT,
        NodeType::Closure
        | NodeType::Hidden
        | NodeType::Array
        | NodeType::Number
        | NodeType::Synthetic
        | NodeType::BigInt
        | NodeType::ObjectShape
        | NodeType::WasmObject => Uses::IDENTIFIER,
    }
}

/// The uses of strings by their number.
#[derive(Debug, Default)]
pub(super) struct UseTable {
    dense: Vec<Uses>,
    /// V8 numbers strings in the order in which rows name them. A file that does otherwise is not given a table as long as it likes.
    sparse: FxHashMap<u32, Uses>,
    rows: usize,
}

impl UseTable {
    fn add(&mut self, number: u32, uses: Uses) {
        self.rows += 1;
        let index = number as usize;
        if index >= self.dense.len() {
            const AHEAD: usize = 1 << 16;
            if index > self.rows + AHEAD {
                let entry = self.sparse.entry(number).or_default();
                *entry = entry.or(uses);
                return;
            }
            self.dense.resize(index + 1, Uses::NONE);
        }
        self.dense[index] = self.dense[index].or(uses);
    }

    /// Nothing, for a string that no row names.
    pub fn of(&self, number: u32) -> Uses {
        let dense = self.dense.get(number as usize).copied().unwrap_or_default();
        if self.sparse.is_empty() { dense } else { dense.or(self.sparse.get(&number).copied().unwrap_or_default()) }
    }
}
