//! Strings of a megabyte and more, in one piece or put together and never read. Scripts' texts are not meant, and what slices
//! alone keep is told as that.

use super::look::{HUGE, Look};
use super::{Rule, Seen, Thing};
use crate::heap::{NodeIdx, NodeType, string_text};
use crate::hunt::figures::{bytes, count};

/// A large heap may well hold a few large texts.
const PERCENT: u64 = 2;

pub const RULE: Rule = Rule {
    kind: "huge-string",
    look,
    matters: |seen, at| at.matters(seen.bytes, PERCENT),
    summary: |seen| match seen.count {
        1 => format!("one string takes {}", bytes(seen.bytes)),
        n => format!("{} strings of a megabyte and more take {}", count(n), bytes(seen.bytes)),
    },
    advice: "let go of the text once it is parsed or sent, write it as a stream, or keep it as a Buffer outside of the heap; a string \
that is only ever appended to is kept in pieces, each of which costs 32 bytes more",
};

fn look(at: &Look<'_>) -> Seen {
    let whole = at.huge.iter().copied().filter(|&node| !at.held(node).script);
    let pieces = at.graph.nodes().filter(|&node| {
        at.graph.node_type(node) == NodeType::ConsString && at.tree.dominators.retained(node).0 >= HUGE
    });
    let mut things: Vec<Thing> = whole
        .chain(pieces)
        .filter(|&node| !is_part(at, node))
        .map(|node| Thing {
            node,
            count: 1,
            bytes: at.tree.dominators.retained(node).0,
            wasted: 0,
            // Of many thousands of pieces the beginning is not looked for.
            text: Some(at.beginning(&string_text(at.graph, node))).filter(|text| !text.is_empty()),
        })
        .collect();
    things.sort_by_key(|thing| (std::cmp::Reverse(thing.bytes), thing.node));
    Seen {
        count: things.len() as u64,
        bytes: things.iter().fold(0, |sum, thing| sum.saturating_add(thing.bytes)),
        things,
        ..Seen::default()
    }
}

/// Another string keeps it, and is told in its place.
fn is_part(at: &Look<'_>, node: NodeIdx) -> bool {
    let above = at.tree.dominators.idom(node);
    above.is_some_and(|above| at.graph.node_type(above).is_string()) || {
        let held = at.held(node);
        held.edges > 0 && held.edges == held.slices
    }
}
