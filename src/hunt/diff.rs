//! Two snapshots side by side, class by class: heap's comparison as a document.

use super::files::{Aborted, FileProgress, HuntError, open};
use super::verdict::{SnapshotFacts, VERSION};
use crate::heap::{DiffRow, Graph, Join, diff_graphs};
use serde::{Deserialize, Serialize};
use std::path::Path;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    pub version: u32,
    pub snapshots: [SnapshotFacts; 2],
    /// V8 numbers objects when a snapshot is taken: two that were taken in forked children number them differently. Only where ids
    /// join can `added` and `removed` be told.
    pub ids_join: bool,
    /// Classes of which something changed, the largest growth in bytes first.
    pub classes: Vec<ClassDiff>,
    /// How many classes did not change.
    pub unchanged: u64,
}

/// Before and after, and the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassDiff {
    pub class: String,
    pub counts: [u64; 2],
    pub shallow_bytes: [u64; 2],
    pub count_delta: i64,
    pub shallow_bytes_delta: i64,
    pub added: Option<u64>,
    pub removed: Option<u64>,
}

pub fn diff_files(
    before: &Path,
    after: &Path,
    aborted: &Aborted,
    tell: &mut dyn FnMut(FileProgress<'_>),
) -> Result<Diff, HuntError> {
    let graphs = [open(before, aborted, tell)?, open(after, aborted, tell)?];
    Ok(diff([SnapshotFacts::of(before, &graphs[0]), SnapshotFacts::of(after, &graphs[1])], &graphs))
}

pub fn diff(snapshots: [SnapshotFacts; 2], graphs: &[Graph; 2]) -> Diff {
    let facts = diff_graphs(&graphs[0], &graphs[1]);
    let total = facts.rows.len();
    let classes: Vec<ClassDiff> = facts.rows.into_iter().map(ClassDiff::from).filter(ClassDiff::is_change).collect();
    let unchanged = (total - classes.len()) as u64;
    Diff { version: VERSION, snapshots, ids_join: facts.join == Join::ById, classes, unchanged }
}

impl From<DiffRow> for ClassDiff {
    fn from(row: DiffRow) -> Self {
        ClassDiff {
            counts: [row.count_before, row.count_after],
            shallow_bytes: [row.shallow_before.0, row.shallow_after.0],
            count_delta: row.count_growth(),
            shallow_bytes_delta: row.shallow_growth(),
            added: row.added,
            removed: row.removed,
            class: row.name,
        }
    }
}

impl ClassDiff {
    fn is_change(&self) -> bool {
        self.count_delta != 0 || self.shallow_bytes_delta != 0 || self.added.is_some_and(|n| n > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{GraphBuilder, NodeType};

    fn heap(classes: &[&str]) -> Graph {
        let mut heap = GraphBuilder::new();
        for class in classes {
            heap.node(NodeType::Object, class, 16);
        }
        heap.build()
    }

    #[test]
    fn changed_classes_are_listed_and_the_others_counted() {
        let graphs = [heap(&["Same", "Log"]), heap(&["Same", "Log", "Log"])];
        let facts = ["a", "b"].map(|name| SnapshotFacts::of(name.as_ref(), &graphs[0]));
        let diff = diff(facts, &graphs);
        let [log] = &diff.classes[..] else { panic!("{:?}", diff.classes) };
        assert_eq!((log.class.as_str(), log.counts, log.count_delta, log.shallow_bytes_delta), ("Log", [1, 2], 1, 16));
        assert!(diff.ids_join && log.added == Some(1) && log.removed == Some(0));
        // Same, and the root's own class.
        assert_eq!(diff.unchanged, 2);
    }
}
