//! The dominator tree from a node down, each node entered before and left after everything that it dominates.

use super::dominators::DominatorChildren;
use super::units::NodeIdx;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    Enter(NodeIdx),
    Leave(NodeIdx),
}

/// Visits `from` and what it dominates; leaves out what `keep` refuses, with all below it. Without recursion: a linked list
/// is a tree as deep as it is long.
pub fn descend(
    children: &DominatorChildren,
    from: NodeIdx,
    keep: impl Fn(NodeIdx) -> bool,
    mut visit: impl FnMut(Visit),
) {
    let mut open = vec![Visit::Enter(from)];
    while let Some(next) = open.pop() {
        if let Visit::Enter(node) = next {
            open.push(Visit::Leave(node));
            open.extend(children.of(node).rev().filter(|&child| keep(child)).map(Visit::Enter));
        }
        visit(next);
    }
}
