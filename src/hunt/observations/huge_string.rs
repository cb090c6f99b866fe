//! Strings of a megabyte and more, in one piece or put together and never read. Scripts' texts are not meant, and what slices
//! alone keep is told as that.

use super::look::Look;
use super::{EXAMPLES, Rule, Seen, Thing};
use crate::heap::first_piece;
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
    let mut seen = Seen::default();
    for &node in &at.huge {
        let held = at.held(node);
        let is_sliced_only = held.edges > 0 && held.edges == held.slices;
        if held.script || is_sliced_only {
            continue;
        }
        let bytes = at.tree.dominators.retained(node).0;
        seen.count += 1;
        seen.bytes = seen.bytes.saturating_add(bytes);
        seen.things.push(Thing { node, count: 1, bytes, wasted: 0, text: None });
    }
    seen.things.sort_by_key(|thing| (std::cmp::Reverse(thing.bytes), thing.node));
    // The beginning of a text in many pieces is a long way down.
    seen.things.truncate(EXAMPLES);
    for thing in &mut seen.things {
        thing.text = Some(at.beginning(first_piece(at.graph, thing.node))).filter(|text| !text.is_empty());
    }
    seen
}
