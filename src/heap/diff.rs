//! Two snapshots side by side.
//!
//! V8 numbers objects when it takes a snapshot, per process. Two snapshots of one process share numbers, and a difference
//! can say which objects came and went. Forked children number on their own, the same number then means different
//! objects, and only counts by class can be compared. [`ids_join`] finds out which case it is.

use serde::Serialize;
use std::collections::HashMap;

use super::graph::Graph;
use super::histogram::{ClassHistogram, Tally, class_histogram};
use super::kinds::NodeType;
use super::units::{Bytes, NodeIdx};

/// How the two were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Join {
    /// Object by object: numbers mean the same in both.
    ById,
    /// By counts alone.
    ByClass,
}

/// One class in both snapshots. What was added and removed is known only where ids join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiffRow {
    pub name: String,
    pub count_before: u64,
    pub count_after: u64,
    pub shallow_before: Bytes,
    pub shallow_after: Bytes,
    pub added: Option<u64>,
    pub removed: Option<u64>,
}

impl DiffRow {
    /// By how many objects the class grew.
    pub fn count_growth(&self) -> i64 {
        self.count_after as i64 - self.count_before as i64
    }

    /// By how many bytes the class grew.
    pub fn shallow_growth(&self) -> i64 {
        self.shallow_after.0 as i64 - self.shallow_before.0 as i64
    }
}

/// All classes of either snapshot, those that grew most (in bytes) first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    pub join: Join,
    pub rows: Vec<DiffRow>,
}

/// Compares two graphs, by id where that means something.
pub fn diff_graphs(before: &Graph, after: &Graph) -> Diff {
    let mut diff = diff_histograms(&class_histogram(before), &class_histogram(after));
    let ids = (SortedIds::new(before), SortedIds::new(after));
    if !join_of(before, &ids.0, after, &ids.1) {
        return diff;
    }
    let added = missing_from(after, &ids.1, before, &ids.0);
    let removed = missing_from(before, &ids.0, after, &ids.1);
    diff.join = Join::ById;
    for row in &mut diff.rows {
        row.added = Some(added.get(row.name.as_str()).map_or(0, |tally| tally.count));
        row.removed = Some(removed.get(row.name.as_str()).map_or(0, |tally| tally.count));
    }
    diff
}

/// Compares two histograms.
pub fn diff_histograms(before: &ClassHistogram, after: &ClassHistogram) -> Diff {
    let mut pairs: HashMap<&str, (Tally, Tally)> = HashMap::new();
    for row in &before.rows {
        pairs.entry(&row.name).or_default().0 = Tally { count: row.count, size: row.shallow };
    }
    for row in &after.rows {
        pairs.entry(&row.name).or_default().1 = Tally { count: row.count, size: row.shallow };
    }
    let mut rows: Vec<DiffRow> = pairs
        .into_iter()
        .map(|(name, (before, after))| DiffRow {
            name: name.to_owned(),
            count_before: before.count,
            count_after: after.count,
            shallow_before: before.size,
            shallow_after: after.size,
            added: None,
            removed: None,
        })
        .collect();
    rows.sort_by(|a, b| b.shallow_growth().cmp(&a.shallow_growth()).then_with(|| a.name.cmp(&b.name)));
    Diff { join: Join::ByClass, rows }
}

/// Whether equal ids mean the same object in both: true for snapshots that one process took of itself.
///
/// Nothing in a file says which process it is from. But an object keeps its type and name as long as it keeps its id, so
/// where numbers were given out twice, many ids will be found on things that are not alike. (They never all are: V8
/// meets the objects of its own start-up in the same order every time.)
pub fn ids_join(before: &Graph, after: &Graph) -> bool {
    join_of(before, &SortedIds::new(before), after, &SortedIds::new(after))
}

/// Of a hundred ids in both graphs, this many may be on things that changed their name: a string that was flattened, an
/// object whose constructor's name became known.
const CHANGED_PER_CENT: usize = 3;

fn join_of(before: &Graph, before_ids: &SortedIds, after: &Graph, after_ids: &SortedIds) -> bool {
    let (mut shared, mut alike) = (0, 0);
    let mut others = after_ids.0.iter().peekable();
    for &(id, node) in &before_ids.0 {
        while others.next_if(|other| other.0 < id).is_some() {}
        if let Some(&(_, other)) = others.next_if(|other| other.0 == id)
            && made_by_a_program(before.node_type(node))
        {
            shared += 1;
            alike +=
                usize::from(before.node_type(node) == after.node_type(other) && before.name(node) == after.name(other));
        }
    }
    shared > 0 && (shared - alike) * 100 <= shared * CHANGED_PER_CENT
}

/// Roots and V8's own furniture get the same numbers in every process, and so prove nothing.
fn made_by_a_program(kind: NodeType) -> bool {
    use NodeType::{Array, Closure, ConsString, Object, RegExp, String};
    matches!(kind, Array | Closure | ConsString | Object | RegExp | String)
}

/// All nodes in the order of their ids.
struct SortedIds(Vec<(u64, NodeIdx)>);

impl SortedIds {
    fn new(graph: &Graph) -> SortedIds {
        let mut ids: Vec<_> = graph.nodes().map(|node| (graph.id(node), node)).collect();
        ids.sort_unstable();
        SortedIds(ids)
    }
}

/// Counts by class what is in `graph` and whose id the other one lacks, or has in another class: a string of two pieces that
/// was made one has left the one class and come to the other.
fn missing_from<'g>(graph: &'g Graph, ids: &SortedIds, other: &Graph, others: &SortedIds) -> HashMap<&'g str, Tally> {
    let mut missing: HashMap<&str, Tally> = HashMap::new();
    let mut others = others.0.iter().peekable();
    for &(id, node) in &ids.0 {
        while others.next_if(|other| other.0 < id).is_some() {}
        if others.peek().is_none_or(|&&(same, twin)| same != id || !of_one_class(graph, node, other, twin)) {
            missing.entry(graph.class_name(node)).or_default().add_one(graph.self_size(node));
        }
    }
    missing
}

/// Whether two nodes of two graphs are counted together. Names are looked at only where they make the class.
fn of_one_class(graph: &Graph, node: NodeIdx, other: &Graph, twin: NodeIdx) -> bool {
    let kinds = (graph.node_type(node), other.node_type(twin));
    let by_kind = kinds.0 == kinds.1 && kinds.0.class().is_some();
    by_kind || graph.class_name(node) == other.class_name(twin)
}

#[cfg(test)]
mod tests {
    use super::super::{GraphBuilder, random};
    use super::*;
    use proptest::prelude::*;

    /// A heap of `(class, id)`, eight bytes each.
    fn heap(objects: &[(&str, u64)]) -> Graph {
        let mut builder = GraphBuilder::new();
        for &(class, id) in objects {
            let node = builder.node(NodeType::Object, class, 8);
            builder.set_id(node, id);
        }
        builder.build()
    }

    fn told(diff: &Diff) -> Vec<(&str, i64, Option<u64>, Option<u64>)> {
        diff.rows.iter().map(|row| (row.name.as_str(), row.count_growth(), row.added, row.removed)).collect()
    }

    #[test]
    fn one_process_is_compared_object_by_object() {
        let before = heap(&[("A", 11), ("A", 13), ("B", 15), ("C", 17)]);
        let after = heap(&[("A", 11), ("B", 15), ("A", 21), ("A", 23), ("C", 17)]);
        let diff = diff_graphs(&before, &after);
        assert_eq!(diff.join, Join::ById);
        for row in &diff.rows {
            assert_eq!(row.added.unwrap() as i64 - row.removed.unwrap() as i64, row.count_growth(), "{}", row.name);
        }
        assert_eq!(
            told(&diff),
            [
                ("A", 1, Some(2), Some(1)),
                ("(synthetic)", 0, Some(0), Some(0)),
                ("B", 0, Some(0), Some(0)),
                ("C", 0, Some(0), Some(0))
            ]
        );
    }

    #[test]
    fn what_changes_its_class_leaves_one_and_comes_to_the_other() {
        let heap = |kind: fn(usize) -> NodeType| {
            let mut builder = GraphBuilder::new();
            for row in 0..100 {
                builder.node(kind(row), "some text", 8);
            }
            builder.build()
        };
        let before = heap(|row| if row < 2 { NodeType::ConsString } else { NodeType::String });
        let diff = diff_graphs(&before, &heap(|_| NodeType::String));
        assert_eq!(
            told(&diff),
            [
                ("(string)", 2, Some(2), Some(0)),
                ("(synthetic)", 0, Some(0), Some(0)),
                ("(concatenated string)", -2, Some(0), Some(2))
            ]
        );
    }

    #[test]
    fn forked_children_are_compared_by_class() {
        // The second child met one more A first, and so every number after it means something else.
        let before = heap(&[("A", 11), ("B", 13), ("C", 15), ("D", 17)]);
        let after = heap(&[("A", 11), ("A", 13), ("B", 15), ("C", 17), ("D", 19)]);
        let diff = diff_graphs(&before, &after);
        assert_eq!(diff.join, Join::ByClass);
        assert_eq!(told(&diff)[0], ("A", 1, None, None));
        assert!(!ids_join(&heap(&[]), &after), "nothing shared is no proof");
    }

    proptest! {
        #[test]
        fn any_difference_agrees_with_brute_force(before in random::heaps(20, 0), after in random::heaps(20, 0), shift in 0u64..20) {
            // Two heaps that share some of their ids.
            let ids = |graph: &Graph, first: u64| -> Vec<(u64, String)> {
                graph.nodes().map(|node| (first + u64::from(node.0), graph.class_name(node).to_owned())).collect()
            };
            let sorted = |graph: &Graph, first| SortedIds(graph.nodes().map(|node| (first + u64::from(node.0), node)).collect());
            let lists = (ids(&before, 0), ids(&after, shift));
            let sides = (sorted(&before, 0), sorted(&after, shift));
            let mut expected: HashMap<&str, u64> = HashMap::new();
            for object in lists.1.iter().filter(|object| !lists.0.contains(object)) {
                *expected.entry(&object.1).or_default() += 1;
            }
            let told = missing_from(&after, &sides.1, &before, &sides.0);
            let told: HashMap<&str, u64> = told.into_iter().map(|(class, tally)| (class, tally.count)).collect();
            prop_assert_eq!(told, expected);
        }
    }
}
