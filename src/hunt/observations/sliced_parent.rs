//! Parts of strings that keep the whole: `message.slice(10, 50)` is no copy but a reference to `message`, and as long as the part
//! is there, so is the message.

use super::look::Look;
use super::{Rule, Seen, Thing};
use crate::hunt::figures::{bytes, count};

/// A shorter text costs less than the search for who keeps it.
const LARGE: u64 = 4 << 10;
/// Parts from here on are likely to be all of the text: a file that was split into its lines.
const FEW: u64 = 8;
const PERCENT: u64 = 2;

pub const RULE: Rule = Rule {
    kind: "sliced-parent",
    look,
    matters: |seen, at| at.matters(seen.bytes, PERCENT),
    summary: |seen| {
        format!(
            "{} strings that nothing else uses are kept by a few slices of each: {} (how long the slices are, a snapshot does not say)",
            count(seen.count),
            bytes(seen.bytes)
        )
    },
    advice: "if the slices are short, copy them where they are cut out, as Buffer.from(part).toString() does: slice(), substring(), \
split() and matches of a regular expression refer to the whole text",
};

fn look(at: &Look<'_>) -> Seen {
    let mut seen = Seen::default();
    for each in &at.parents {
        let held = at.held(each.parent);
        let size = at.tree.dominators.retained(each.parent).0;
        if held.edges == 0 || held.edges != held.slices || each.slices > FEW || size < LARGE {
            continue;
        }
        seen.count += 1;
        seen.bytes = seen.bytes.saturating_add(size);
        seen.things.push(Thing {
            node: each.slice,
            count: each.slices,
            bytes: size,
            wasted: 0,
            text: Some(at.beginning(at.graph.name(each.parent))),
        });
    }
    seen.things.sort_by_key(|thing| (std::cmp::Reverse(thing.bytes), thing.node));
    seen
}
