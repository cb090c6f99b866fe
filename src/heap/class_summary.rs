//! The classes of a heap as DevTools' summary lists them.

use rustc_hash::FxHashMap;

use super::class_retained::class_retained;
use super::dominators::{DominatorChildren, Dominators};
use super::graph::{ClassKey, Graph};
use super::histogram::Tally;
use super::ownership::ShallowSizes;
use super::units::Bytes;

/// One class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassSummary {
    pub class: ClassKey,
    pub count: u64,
    /// With the storage that its objects alone own.
    pub shallow: Bytes,
    pub retained: Bytes,
}

/// All classes, those that retain most first. What has no size of its own is not counted. Two classes can share a name, for
/// all that V8 cares.
pub fn class_summary(
    graph: &Graph,
    dominators: &Dominators,
    children: &DominatorChildren,
    sizes: &ShallowSizes,
) -> Vec<ClassSummary> {
    let mut tallies: FxHashMap<ClassKey, Tally> = FxHashMap::default();
    for node in graph.nodes().filter(|&node| sizes.of(node).0 > 0) {
        tallies.entry(graph.class_key(node)).or_default().add_one(sizes.of(node));
    }
    let retained = class_retained(graph, dominators, children, sizes);
    let row = |(class, Tally { count, size })| {
        let retained = retained.get(&class).copied().unwrap_or_default();
        ClassSummary { class, count, shallow: size, retained }
    };
    let mut rows: Vec<ClassSummary> = tallies.into_iter().map(row).collect();
    rows.sort_by(|a, b| {
        let name = |row: &ClassSummary| graph.class_text(row.class);
        b.retained.cmp(&a.retained).then_with(|| name(a).cmp(name(b)))
    });
    rows
}
