//! Which strings stay.
//!
//! Strings are decided in their order, since they are written in it. Whether a name is from a source depends on the names of the pieces of code that
//! refer to it, and those are strings that may come later: then it waits, and whatever comes after it waits as well. V8 names
//! its code early, so that this is a matter of kilobytes.

use super::known::is_known;
use super::names::{self, Origin};
use super::placeholder::{Salt, is_placeholder};
use super::usage::{Reference, UNNAMED, Usage, UseTable, Uses};
use crate::heap::{ClassCounter, EdgeRow, NodeRow, SnapshotSink};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::ops::Range;

/// A string that is written otherwise than it was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub place: Range<u64>,
    pub text: String,
}

/// Sees everything that the parser reads, and decides about the strings. Classes are counted on the way, under the names that they are left with.
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

/// What is known of the strings.
#[derive(Debug)]
struct Evidence {
    uses: UseTable,
    references: Vec<Reference>,
    /// By the numbers of the names of code that refers to strings: what that name says, once it has come.
    origins: FxHashMap<u32, Option<Origin>>,
    /// The same for the edges by which it does.
    edges: FxHashMap<u32, Option<EdgeName>>,
    /// Hashes of texts that a source has or that stay anyway, for names that have others in them.
    proven: FxHashSet<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EdgeName {
    Number,
    Name,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    Source,
    ScriptName,
    Missing,
    /// It depends on a string that has not come yet.
    Open,
}

impl Evidence {
    fn new(usage: Usage) -> Evidence {
        let (uses, references) = usage.complete();
        let origins = references.iter().map(|reference| (reference.from, None)).collect();
        let edges = references
            .iter()
            .filter(|reference| reference.edge != UNNAMED)
            .map(|reference| (reference.edge, None))
            .collect();
        Evidence { uses, references, origins, edges, proven: FxHashSet::default() }
    }

    fn hear(&mut self, number: u32, text: &str) {
        if let Some(origin) = self.origins.get_mut(&number) {
            *origin = Some(Origin::of(text));
        }
        if let Some(edge) = self.edges.get_mut(&number) {
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            *edge = Some(match text {
                "name" => EdgeName::Name,
                _ if is_number => EdgeName::Number,
                _ => EdgeName::Other,
            });
        }
    }

    fn is_ready(&self, number: u32) -> bool {
        self.uses.of(number).has(Uses::IDENTIFIER) || self.proof(number) != Proof::Open
    }

    /// What the code that refers to the string makes of it.
    fn proof(&self, number: u32) -> Proof {
        let first = self.references.partition_point(|reference| reference.to < number);
        let mut proof = Proof::Missing;
        for reference in self.references[first..].iter().take_while(|reference| reference.to == number) {
            let edge = if reference.edge == UNNAMED { Some(EdgeName::Other) } else { self.edges[&reference.edge] };
            match (self.origins[&reference.from], edge) {
                (Some(Origin::Source), _) | (Some(Origin::Unnamed), Some(EdgeName::Number)) => return Proof::Source,
                (Some(Origin::Script), Some(EdgeName::Name)) => proof = Proof::ScriptName,
                (None, _) | (Some(Origin::Unnamed | Origin::Script), None) if proof == Proof::Missing => {
                    proof = Proof::Open
                }
                _ => {}
            }
        }
        proof
    }

    /// What is written instead, or `None` for a string that stays.
    fn verdict(&mut self, number: u32, text: &str, salt: &Salt) -> Option<String> {
        let uses = self.uses.of(number);
        let proof = self.proof(number);
        let stays = |edit: Option<String>| edit.map_or(Ok(()), Err);
        let outcome = if text.is_empty() || names::is_marker(text) || is_placeholder(text) {
            Ok(())
        } else if uses.has(Uses::CODE) || proof == Proof::ScriptName {
            stays(names::script(text, salt))
        } else if uses.has(Uses::IDENTIFIER) {
            Ok(())
        } else if uses.has(Uses::NATIVE) {
            stays(names::native(text, salt))
        } else if uses.has(Uses::LINK) {
            stays(names::link(text, uses.has(Uses::CONTENT.or(Uses::PROPERTY).or(Uses::CLASS)), salt))
        } else if uses.has(Uses::PROPERTY.or(Uses::CLASS)) {
            self.name(text, uses, proof, salt)
        } else {
            Err(salt.placeholder(text))
        };
        if proof == Proof::Source || outcome.is_ok() {
            self.proven.insert(salt.hash(text));
        }
        outcome.err()
    }

    fn is_proven(&self, text: &str, salt: &Salt) -> bool {
        is_known(text) || is_placeholder(text) || self.proven.contains(&salt.hash(text))
    }

    /// A property's name or a class; an `Err` is what is written instead.
    fn name(&self, text: &str, uses: Uses, proof: Proof, salt: &Salt) -> Result<(), String> {
        if proof == Proof::Source || is_known(text) || uses.has(Uses::CLASS) && names::is_system_class(text) {
            return Ok(());
        }
        match names::wrapped(text) {
            // Names come before those that have them in them: V8 numbers the texts of strings first.
            Some((_, inner, _)) if self.is_proven(inner, salt) => Ok(()),
            Some((before, inner, after)) => Err(format!("{before}{}{after}", salt.placeholder(inner))),
            None => Err(salt.placeholder(text)),
        }
    }
}
