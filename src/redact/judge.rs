//! Sees everything that the parser reads, and has each string decided in its turn.
//!
//! Strings are decided in their order, since they are written in it. Whether a name is from a source depends on the names of the pieces of code that
//! refer to it, and those are strings that may come later: then it waits, and whatever comes after it waits as well. V8 names
//! its code early, so that this is a matter of kilobytes.

use super::evidence::Evidence;
use super::placeholder::Salt;
use super::usage::Usage;
use crate::heap::{ClassCounter, EdgeRow, NodeRow, SnapshotSink};
use std::collections::VecDeque;
use std::ops::Range;

/// A string that is written otherwise than it was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub place: Range<u64>,
    pub text: String,
}

/// Classes are counted on the way, under the names that they are left with.
#[derive(Debug)]
pub(super) struct Judge {
    salt: Salt,
    usage: Usage,
    evidence: Option<Evidence>,
    waiting: VecDeque<Waiting>,
    edits: Vec<Edit>,
    classes: ClassCounter,
}

#[derive(Debug)]
struct Waiting {
    number: u32,
    text: String,
    place: Range<u64>,
}

impl Judge {
    pub fn new(salt: Salt) -> Judge {
        Judge {
            salt,
            usage: Usage::default(),
            evidence: None,
            waiting: VecDeque::new(),
            edits: Vec::new(),
            classes: ClassCounter::new(),
        }
    }

    /// The edits decided since the last time, in their order.
    pub fn take_edits(&mut self) -> Vec<Edit> {
        std::mem::take(&mut self.edits)
    }

    /// Where the first string is that is not decided yet.
    pub fn undecided(&self) -> Option<u64> {
        self.waiting.front().map(|waiting| waiting.place.start)
    }

    /// No more strings come: what is not proven by now never will be.
    pub fn end_of_strings(&mut self) {
        while let Some(waiting) = self.waiting.pop_front() {
            self.settle(waiting.number, &waiting.text, waiting.place);
        }
    }

    pub fn into_classes(self) -> ClassCounter {
        self.classes
    }

    fn evidence(&mut self) -> &mut Evidence {
        self.evidence.get_or_insert_with(|| Evidence::new(std::mem::take(&mut self.usage)))
    }

    fn settle(&mut self, number: u32, text: &str, place: Range<u64>) {
        let salt = self.salt.clone();
        let evidence = self.evidence();
        let verdict = evidence.verdict(number, text, &salt);
        match verdict {
            None => self.classes.string(number, text),
            Some(text) => {
                self.classes.string(number, &text);
                self.edits.push(Edit { place, text });
            }
        }
    }
}

impl SnapshotSink for Judge {
    const STRICT_TEXT: bool = true;

    fn node(&mut self, row: NodeRow) {
        self.usage.node(row);
        self.classes.node(row);
    }

    fn edge(&mut self, row: EdgeRow) {
        self.usage.edge(row);
    }

    fn string(&mut self, number: u32, text: &str) {
        self.string_at(number, text, 0..0);
    }

    fn string_at(&mut self, number: u32, text: &str, place: Range<u64>) {
        let evidence = self.evidence();
        evidence.hear(number, text);
        if self.waiting.is_empty() && self.evidence().is_ready(number) {
            return self.settle(number, text, place);
        }
        self.waiting.push_back(Waiting { number, text: text.to_owned(), place });
        while let Some(waiting) = self.waiting.pop_front() {
            if !self.evidence().is_ready(waiting.number) {
                self.waiting.push_front(waiting);
                break;
            }
            self.settle(waiting.number, &waiting.text, waiting.place);
        }
    }
}
