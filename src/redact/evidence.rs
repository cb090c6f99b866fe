//! Which strings stay: what is known of each, and the verdict.

use super::known::is_known;
use super::names::{self, Origin};
use super::placeholder::{Salt, is_placeholder};
use super::usage::{Reference, UNNAMED, Usage, UseTable, Uses};
use rustc_hash::{FxHashMap, FxHashSet};

/// What is known of the strings.
#[derive(Debug)]
pub(super) struct Evidence {
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
    pub fn new(usage: Usage) -> Evidence {
        let (uses, references) = usage.complete();
        let origins = references.iter().map(|reference| (reference.from, None)).collect();
        let edges = references
            .iter()
            .filter(|reference| reference.edge != UNNAMED)
            .map(|reference| (reference.edge, None))
            .collect();
        Evidence { uses, references, origins, edges, proven: FxHashSet::default() }
    }

    /// A string comes: it may be the name of a piece of code, or of an edge.
    pub fn hear(&mut self, number: u32, text: &str) {
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

    /// Whether all has come that the verdict depends on.
    pub fn is_ready(&self, number: u32) -> bool {
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
    pub fn verdict(&mut self, number: u32, text: &str, salt: &Salt) -> Option<String> {
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
