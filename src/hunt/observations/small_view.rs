//! Small Buffers that keep the memory they were cut from. Node makes Buffers of less than half of `Buffer.poolSize` as views on
//! one piece of memory of that size; when one of them is kept for long, so is all of it.
//!
//! A snapshot does not have the length of a view. But whatever is cut from Node's pool is smaller than half of it, and pieces of the
//! pool are known by their shape: the one in use is in a variable of Node's own.

use super::look::Look;
use super::{Rule, Seen, Thing};
use crate::heap::{EdgeType, NodeIdx};
use crate::hunt::figures::{bytes, count};

const PERCENT: u64 = 2;

pub const RULE: Rule = Rule {
    kind: "small-view",
    look,
    matters: |seen, at| at.matters(seen.wasted, PERCENT),
    summary: |seen| {
        format!(
            "{} small Buffers each keep alone a piece of Node's Buffer pool: {} in all, more than half of it unused",
            count(seen.count),
            bytes(seen.bytes)
        )
    },
    advice: "copy what is kept for long with Buffer.allocUnsafeSlow(n), which takes no more than n bytes, or keep it as a string",
};

fn look(at: &Look<'_>) -> Seen {
    let mut seen = Seen::default();
    let shape = |node: NodeIdx| at.graph.target(node, EdgeType::Internal, "map");
    let Some(pool) = at.buffers.iter().find(|buffer| at.held(buffer.node).pool) else { return seen };
    let pool_shape = shape(pool.node);
    for buffer in at.buffers.iter().filter(|buffer| buffer.bytes == pool.bytes && buffer.node != pool.node) {
        let held = at.held(buffer.node);
        // With one holder, that is who dominates it.
        let Some(view) = at.tree.dominators.idom(buffer.node).filter(|_| held.edges == 1) else { continue };
        let is_view = at.graph.target(view, EdgeType::Internal, "buffer") == Some(buffer.node);
        if !is_view || pool_shape.is_none() || shape(buffer.node) != pool_shape {
            continue;
        }
        seen.count += 1;
        seen.bytes = seen.bytes.saturating_add(buffer.bytes.0);
        seen.wasted = seen.wasted.saturating_add(buffer.bytes.0 / 2);
        if seen.things.len() < super::EXAMPLES {
            let (bytes, wasted) = (buffer.bytes.0, buffer.bytes.0 / 2);
            seen.things.push(Thing { node: view, count: 1, bytes, wasted, text: None });
        }
    }
    seen
}
