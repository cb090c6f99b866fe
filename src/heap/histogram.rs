//! How many of each class, and how many bytes.

use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::HashMap;

use super::graph::{ClassKey, Graph};
use super::strings::as_name;
use super::units::Bytes;

/// One class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassRow {
    pub name: String,
    pub count: u64,
    #[serde(rename = "shallowBytes")]
    pub shallow: Bytes,
}

/// All classes, the largest first; classes of equal size by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ClassHistogram {
    pub rows: Vec<ClassRow>,
}

impl ClassHistogram {
    /// Sums the tallies of equal names and sorts.
    pub(super) fn from_tallies<'n>(tallies: impl IntoIterator<Item = (&'n str, Tally)>) -> ClassHistogram {
        // Two classes can share a name: a `(string)` constructor, or one string twice in the table.
        // Keyed by text that others choose: the standard hasher cannot be flooded.
        let mut by_name: HashMap<&str, Tally> = HashMap::new();
        for (name, tally) in tallies {
            by_name.entry(as_name(name)).or_default().add(tally);
        }
        let mut rows: Vec<ClassRow> = by_name
            .into_iter()
            .map(|(name, tally)| ClassRow { name: name.to_owned(), count: tally.count, shallow: tally.size })
            .collect();
        rows.sort_by(|a, b| b.shallow.cmp(&a.shallow).then_with(|| a.name.cmp(&b.name)));
        ClassHistogram { rows }
    }

    /// The row of the class called `name`, by a scan.
    pub fn get(&self, name: &str) -> Option<&ClassRow> {
        self.rows.iter().find(|row| row.name == name)
    }
}

/// A running count.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub count: u64,
    pub size: Bytes,
}

impl Tally {
    pub fn add(&mut self, other: Tally) {
        self.count += other.count;
        self.size += other.size;
    }

    pub fn add_one(&mut self, size: Bytes) {
        self.add(Tally { count: 1, size });
    }
}

/// Counts every node of the graph, reachable or not.
pub fn class_histogram(graph: &Graph) -> ClassHistogram {
    let mut tallies: FxHashMap<ClassKey, Tally> = FxHashMap::default();
    for node in graph.nodes() {
        tallies.entry(graph.class_key(node)).or_default().add_one(graph.self_size(node));
    }
    ClassHistogram::from_tallies(tallies.into_iter().map(|(class, tally)| (graph.class_text(class), tally)))
}

#[cfg(test)]
mod tests {
    use super::super::{GraphBuilder, NodeType};
    use super::*;

    #[test]
    fn classes_are_counted_and_the_largest_comes_first() {
        let mut heap = GraphBuilder::new();
        for size in [10, 20] {
            heap.node(NodeType::Object, "Small", size);
        }
        heap.node(NodeType::Closure, "handler", 64);
        heap.node(NodeType::Native, "<div id=\"a\">", 7);
        heap.node(NodeType::Native, "<div class=\"b\">", 7);
        heap.node(NodeType::String, "text", 14);
        let rows = class_histogram(&heap.build()).rows;
        let rows: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.count, row.shallow.0)).collect();
        assert_eq!(
            rows,
            [("Function", 1, 64), ("Small", 2, 30), ("(string)", 1, 14), ("<div>", 2, 14), ("(synthetic)", 1, 0)]
        );
    }
}
