//! Two snapshots side by side, class by class.

use super::files::{Aborted, FileProgress, HuntError, open};
use super::verdict::SnapshotFacts;
use crate::heap::{Graph, NodeIdx};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::hash_map::Entry;
use std::path::Path;

/// Of the objects whose ids are in both snapshots so many have to be of the same class, in per cent, for the ids to be trusted.
const SAME: u64 = 99;
/// And so many of the first snapshot's ids have to be in the second at all.
const KEPT: u64 = 20;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    pub version: u32,
    pub snapshots: [SnapshotFacts; 2],
    /// V8 numbers objects when a snapshot is taken: two that were taken in forked children number them differently. Only where ids
    /// join can `added` and `removed` be told.
    pub ids_join: bool,
    /// Changed classes, the largest growth in bytes first.
    pub classes: Vec<ClassDiff>,
    /// Classes that did not change.
    pub unchanged: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

pub fn diff_files(before: &Path, after: &Path, aborted: &Aborted, tell: &mut dyn FnMut(FileProgress<'_>)) -> Result<Diff, HuntError> {
    let first = open(before, aborted, tell)?;
    let counted = Counted::of(before, &first);
    drop(first);
    let second = open(after, aborted, tell)?;
    Ok(counted.compare(after, &second))
}

/// What is kept of the first snapshot: much less than its graph.
struct Counted {
    facts: SnapshotFacts,
    classes: Vec<ClassDiff>,
    index: FxHashMap<String, u32>,
    /// The class of each object id.
    ids: FxHashMap<u64, u32>,
}

impl Counted {
    fn of(path: &Path, graph: &Graph) -> Self {
        let mut counted = Counted { facts: facts(path, graph), classes: Vec::new(), index: FxHashMap::default(), ids: FxHashMap::default() };
        counted.ids.reserve(graph.node_count());
        for node in graph.nodes() {
            let class = counted.class(graph, node);
            let row = &mut counted.classes[class as usize];
            row.counts[0] += 1;
            row.shallow_bytes[0] += graph.self_size(node).0;
            counted.ids.insert(graph.id(node), class);
        }
        counted
    }

    fn class(&mut self, graph: &Graph, node: NodeIdx) -> u32 {
        let name = graph.class_name(node);
        if let Some(&class) = self.index.get(name) {
            return class;
        }
        let class = self.classes.len() as u32;
        self.classes.push(ClassDiff { class: name.to_string(), ..ClassDiff::default() });
        self.index.insert(name.to_string(), class);
        class
    }

    fn compare(mut self, path: &Path, graph: &Graph) -> Diff {
        let (mut kept, mut same) = (0u64, 0u64);
        let mut added: FxHashMap<u32, u64> = FxHashMap::default();
        for node in graph.nodes() {
            let class = self.class(graph, node);
            let row = &mut self.classes[class as usize];
            row.counts[1] += 1;
            row.shallow_bytes[1] += graph.self_size(node).0;
            match self.ids.entry(graph.id(node)) {
                Entry::Occupied(entry) => {
                    kept += 1;
                    same += u64::from(*entry.get() == class);
                }
                Entry::Vacant(_) => *added.entry(class).or_default() += 1,
            }
        }
        let ids_join = kept * 100 >= self.facts.nodes * KEPT && same * 100 >= kept * SAME;
        let total = self.classes.len();
        let mut classes: Vec<ClassDiff> = Vec::new();
        for (class, mut row) in (0u32..).zip(self.classes) {
            row.count_delta = row.counts[1] as i64 - row.counts[0] as i64;
            row.shallow_bytes_delta = row.shallow_bytes[1] as i64 - row.shallow_bytes[0] as i64;
            if ids_join {
                let new = added.get(&class).copied().unwrap_or(0);
                row.added = Some(new);
                row.removed = Some((row.counts[0] + new).saturating_sub(row.counts[1]));
            }
            if row.count_delta != 0 || row.shallow_bytes_delta != 0 || row.added.is_some_and(|n| n > 0) {
                classes.push(row);
            }
        }
        classes.sort_by(|a, b| (b.shallow_bytes_delta, b.count_delta, &a.class).cmp(&(a.shallow_bytes_delta, a.count_delta, &b.class)));
        let unchanged = (total - classes.len()) as u64;
        Diff { version: super::verdict::VERSION, snapshots: [self.facts, facts(path, graph)], ids_join, classes, unchanged }
    }
}

fn facts(path: &Path, graph: &Graph) -> SnapshotFacts {
    SnapshotFacts {
        path: path.display().to_string(),
        nodes: graph.node_count() as u64,
        edges: graph.edge_count() as u64,
        shallow_bytes: graph.total_size().0,
    }
}
