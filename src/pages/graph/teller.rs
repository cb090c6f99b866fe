//! Edges as they are told, one object after the other: each word is told once, under the name that it has or by a number.

use super::starts::Starts;
use crate::heap::{EdgeType, GroupedBuilder, NodeIdx, NodeType};
use crate::pages::regions::{POINTER, pointee};
use std::ops::Range;
use std::rc::Rc;

/// Words of an object that may have names: no map describes a larger object.
const NAMED: usize = 256;
/// Elements that are told by the same texts again and again.
const NUMBERS: usize = 1 << 16;

/// Takes the edges of the object whose turn it is.
pub struct Teller {
    pub builder: GroupedBuilder,
    pub starts: Rc<Starts>,
    current: NodeIdx,
    /// Words of it that have been told.
    told: [u64; NAMED / 64],
    /// What its next edge without a name is numbered.
    next: u32,
    /// By node, whether something holds it.
    held: Vec<u64>,
    /// Undefined, holes and their like: V8 tells of them only where they have a name.
    nothing: Vec<u64>,
    nothing_from: usize,
    /// Numbers of the nodes that stand in read-only memory.
    pub read_only: Vec<Range<u32>>,
    numbers: Vec<u32>,
    element: String,
    pub map_name: u32,
}

impl Teller {
    pub fn new(mut builder: GroupedBuilder, starts: Starts, nothings: &[NodeIdx], read_only: Vec<Range<u32>>) -> Self {
        let nothing_from = nothings.iter().map(|node| node.row()).min().unwrap_or(0);
        let nothing_to = nothings.iter().map(|node| node.row()).max().unwrap_or(0);
        let mut nothing = vec![0; (nothing_to - nothing_from) / 64 + 1];
        for node in nothings {
            let at = node.row() - nothing_from;
            nothing[at / 64] |= 1u64 << (at % 64);
        }
        let held = vec![0; builder.node_count().div_ceil(64) + 1];
        let map_name = builder.text("map");
        Self {
            builder,
            starts: Rc::new(starts),
            current: NodeIdx(0),
            told: [0; NAMED / 64],
            next: 1,
            held,
            nothing,
            nothing_from,
            read_only,
            numbers: Vec::new(),
            element: String::new(),
            map_name,
        }
    }

    pub fn begin(&mut self, node: NodeIdx) {
        self.current = node;
        self.told = [0; NAMED / 64];
        self.next = 1;
    }

    pub fn end(&mut self) {
        self.builder.end_of_edges();
    }

    /// The node that a word points to strongly.
    #[inline]
    pub fn target(&self, word: u64) -> Option<NodeIdx> {
        self.starts.at(pointee(word)?)
    }

    /// The node that a word points to weakly.
    #[inline]
    fn weak_target(&self, word: u64) -> Option<NodeIdx> {
        if word & 7 == POINTER | 2 && word < 1 << 48 { self.starts.at(word - (POINTER | 2)) } else { None }
    }

    /// Whether a node stands in memory that all isolates share.
    pub fn is_read_only(&self, node: NodeIdx) -> bool {
        self.read_only.iter().any(|range| range.contains(&node.0))
    }

    /// A root holds it, too.
    pub fn hold(&mut self, node: NodeIdx) {
        if let Some(bits) = self.held.get_mut(node.row() / 64) {
            *bits |= 1 << (node.row() % 64);
        }
    }

    pub fn is_held(&self, node: NodeIdx) -> bool {
        self.held.get(node.row() / 64).is_some_and(|bits| bits >> (node.row() % 64) & 1 != 0)
    }

    #[inline]
    pub fn edge(&mut self, kind: EdgeType, name_or_index: u32, to: NodeIdx) {
        if kind != EdgeType::Weak && kind != EdgeType::Shortcut && to != self.current {
            self.hold(to);
        }
        self.builder.edge(kind, name_or_index, to);
    }

    /// Tells what `word` points to, if it is an object.
    #[inline]
    pub fn named(&mut self, kind: EdgeType, name: u32, word: u64) -> Option<NodeIdx> {
        let to = self.target(word)?;
        self.edge(kind, name, to);
        Some(to)
    }

    /// The same for a word of the object itself, which then is not told again. What holds weakly and has lost its object holds undefined instead, which is not told.
    #[inline]
    pub fn field(&mut self, kind: EdgeType, name: u32, words: &[u64], at: usize) -> Option<NodeIdx> {
        let word = *words.get(at)?;
        if let Some(bits) = self.told.get_mut(at / 64) {
            *bits |= 1 << (at % 64);
        }
        if kind == EdgeType::Weak && self.target(word).is_some_and(|to| self.is_nothing(to)) {
            return None;
        }
        self.named(kind, name, word)
    }

    /// All words that were not told yet, by number; those that are weak, as weak.
    #[inline]
    pub fn rest(&mut self, words: &[u64], from: usize) {
        for (at, word) in words.iter().enumerate().skip(from) {
            if word & POINTER == 0 || self.told.get(at / 64).is_some_and(|bits| bits >> (at % 64) & 1 != 0) {
                continue;
            }
            if let Some(to) = self.target(*word) {
                if !self.is_nothing(to) {
                    self.edge(EdgeType::Hidden, self.next, to);
                    self.next += 1;
                }
            } else if let Some(to) = self.weak_target(*word) {
                let name = self.element_name(self.next as usize);
                self.builder.edge(EdgeType::Weak, name, to);
                self.next += 1;
            }
        }
    }

    /// An element of an array, told by its place.
    #[inline]
    pub fn element(&mut self, kind: EdgeType, at: usize, word: u64) {
        if let Some(to) = self.target(word).filter(|to| !self.is_nothing(*to)) {
            match kind {
                EdgeType::Internal if at < NUMBERS => {
                    let name = self.element_name(at);
                    self.edge(kind, name, to);
                }
                EdgeType::Internal => self.edge(EdgeType::Hidden, at as u32, to),
                _ => self.edge(kind, at as u32, to),
            }
        }
    }

    #[inline]
    fn is_nothing(&self, node: NodeIdx) -> bool {
        let at = node.row().wrapping_sub(self.nothing_from);
        self.nothing.get(at / 64).is_some_and(|bits| bits >> (at % 64) & 1 != 0)
    }

    /// The number of the text that is this number.
    pub fn element_name(&mut self, at: usize) -> u32 {
        if let Some(number) = self.numbers.get(at) {
            return *number;
        }
        use std::fmt::Write;
        while self.numbers.len() <= at.min(NUMBERS) {
            self.element.clear();
            let _ = write!(self.element, "{}", self.numbers.len());
            let number = self.builder.text(&self.element);
            self.numbers.push(number);
        }
        self.numbers[at.min(NUMBERS)]
    }

    /// Names a thing of V8's after what holds it, if it has no name yet.
    pub fn tag(&mut self, node: NodeIdx, tag: u32) {
        if self.builder.name(node) == 0
            && matches!(self.builder.kind(node), NodeType::Array | NodeType::Code | NodeType::Hidden)
        {
            self.builder.set_name(node, tag);
        }
    }
}
