//! Contexts of `vm`, and frames of a page, that nobody can reach any more, and that a function or an object of theirs keeps alive
//! with all their globals.

use super::look::Look;
use super::{Rule, Seen, Thing};
use crate::heap::native_contexts;
use crate::hunt::figures::{bytes, count};

/// One function that outlives its context may be what the program wants of it.
const SEVERAL: u64 = 3;

pub const RULE: Rule = Rule {
    kind: "detached-context",
    look,
    matters: |seen, _| seen.count >= SEVERAL,
    summary: |seen| {
        format!(
            "{} contexts (globals of their own, as node:vm makes them) are out of reach and yet alive: they keep {}",
            count(seen.count),
            bytes(seen.bytes)
        )
    },
    advice: "let go of what came out of the context (functions, objects, errors) together with it, copy plain data out of it, or run all \
scripts in one context",
};

fn look(at: &Look<'_>) -> Seen {
    let contexts = native_contexts(at.graph, &at.tree.children);
    let detached = contexts.iter().filter(|context| context.detached);
    let mut things: Vec<Thing> = detached
        .map(|context| {
            let bytes = at.tree.dominators.retained(context.node).0;
            Thing { node: context.node, count: 1, bytes, wasted: bytes, text: None }
        })
        .collect();
    things.sort_by_key(|thing| (std::cmp::Reverse(thing.bytes), thing.node));
    // One may keep another, so the sum may be more than there is.
    let bytes = things.iter().fold(0u64, |sum, thing| sum.saturating_add(thing.bytes)).min(at.heap_bytes);
    Seen { count: things.len() as u64, bytes, wasted: bytes, things, ..Seen::default() }
}
