//! Texts that are kept many times over: parsed again for each record instead of once for all.
//!
//! A redaction leaves equal strings equal, so it does not matter here. Whoever takes texts out in another way leaves strings of all
//! sizes with one text: their sizes give that away, and they are not counted.

use super::look::Look;
use super::{EXAMPLES, Rule, Seen, Thing};
use crate::heap::DuplicateString;
use crate::hunt::figures::{bytes, count};

/// Every program has some: V8 itself keeps names twice, and modules their texts. Together that is 2% of a small heap.
const PERCENT: u64 = 5;
/// What V8 puts in front of the characters, at most, and rounds up by.
const HEAD: u64 = 40;

pub const RULE: Rule = Rule {
    kind: "duplicate-strings",
    look,
    matters: |seen, at| at.matters(seen.wasted, PERCENT),
    summary: |seen| {
        format!(
            "{} strings are copies of {} texts: one of each would save {}",
            count(seen.count),
            count(seen.sorts),
            bytes(seen.wasted)
        )
    },
    advice: "keep one of each where the strings are made (a Map from text to text does), or store a number in its place",
};

fn look(at: &Look<'_>) -> Seen {
    let mut seen = Seen::default();
    for group in at.duplicates.iter().filter(|group| is_its_text(at, group)) {
        seen.count += group.count;
        seen.bytes = seen.bytes.saturating_add(group.shallow.0);
        seen.wasted = seen.wasted.saturating_add(group.wasted.0);
        seen.sorts += 1;
        if seen.things.len() < EXAMPLES {
            seen.things.push(Thing {
                node: group.example,
                count: group.count,
                bytes: group.shallow.0,
                wasted: group.wasted.0,
                text: Some(at.beginning(at.graph.name(group.example))),
            });
        }
    }
    seen
}

/// Whether the text can be that of the largest string: V8 takes one or two bytes for a character.
fn is_its_text(at: &Look<'_>, group: &DuplicateString) -> bool {
    let characters = characters(at.graph.name(group.example));
    let largest = group.shallow.0.saturating_sub(group.wasted.0);
    // What V8 cut off says nothing about the string's size; such strings were told apart by it.
    characters >= V8_CUTS_AT || largest <= characters.saturating_mul(2) + HEAD
}

const V8_CUTS_AT: u64 = 1024;

fn characters(text: &str) -> u64 {
    crate::redact::placeholder_length(text).unwrap_or_else(|| text.encode_utf16().count() as u64)
}
