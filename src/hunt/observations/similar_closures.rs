//! One function of the source, made thousands of times over: a method that is written in the constructor, a callback for each
//! record where one for all would do.

use super::look::Look;
use super::{Rule, Seen, Thing};
use crate::hunt::figures::{bytes, count};
use crate::hunt::place;

/// A server under load has a few closures for each of some hundreds of requests.
pub const THOUSANDS: u64 = 5000;

pub const RULE: Rule = Rule {
    kind: "similar-closures",
    look,
    matters: |seen, _| seen.count > 0,
    summary: |seen| {
        let most = seen.things.first().map_or(0, |thing| thing.count);
        let functions = match seen.sorts {
            1 => "one function of the source is".to_string(),
            n => format!("{n} functions of the source are"),
        };
        format!("{functions} there up to {} times, each with a scope of its own: {}", count(most), bytes(seen.bytes))
    },
    advice: "make it a method of the class, or one function that is handed what differs: each closure costs 64 bytes, and its scope \
keeps every variable that any function inside of it uses",
};

fn look(at: &Look<'_>) -> Seen {
    let mut seen = Seen::default();
    for group in &at.closures {
        // Many functions of one scope are a table; and Node's own are no business of the program's.
        let is_theirs =
            place::of_function(at.graph, group.example).is_some_and(|location| !place::is_nodes(&location.script));
        if 2 * group.scopes <= group.count || !is_theirs {
            continue;
        }
        let bytes = (group.closures + group.shallow_scopes).0;
        let each = group.closures.0 / group.count;
        let wasted = group.closures.0.saturating_sub(each);
        seen.sorts += 1;
        seen.count += group.count;
        seen.bytes = seen.bytes.saturating_add(bytes);
        seen.wasted = seen.wasted.saturating_add(wasted);
        seen.things.push(Thing { node: group.example, count: group.count, bytes, wasted, text: None });
    }
    seen
}
