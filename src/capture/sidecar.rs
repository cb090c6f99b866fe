//! The small `.json` beside a snapshot: why it was taken, the figures at that moment, and the class histogram. Most questions end there,
//! and it is a thousandth of the snapshot's size.

use super::format::Format;
use super::job::Engine;
use crate::heap::ClassHistogram;
use crate::v8::HeapStatistics;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Classes beyond these are summed up: a heap can hold as many class names as it likes.
const CLASSES: usize = 500;

/// What is known before the capture starts.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Circumstances {
    /// Who wanted it: `threshold`, `growth`, or what code said.
    pub reason: String,
    /// The crossing or growth that triggered it; null if code asked.
    pub trigger: Value,
    pub labels: BTreeMap<String, String>,
    pub pid: u32,
    pub thread_id: u32,
    /// The versions of Node and V8.
    pub versions: BTreeMap<String, String>,
    /// What the budget expected the child to take; 0 until it has been made.
    pub predicted_bytes: u64,
    /// The recorder's figures: resident set, cgroup, collections so far, the last samples.
    pub recorded: Value,
}

/// What is known at the end, in the order of the document.
pub struct Closing<'a> {
    pub circumstances: &'a Circumstances,
    pub snapshot_name: &'a str,
    pub taken_at_ms: u64,
    pub mode: &'static str,
    pub engine: Engine,
    pub format: Format,
    pub redacted: bool,
    pub pause_ms: Option<f64>,
    pub raw_bytes: u64,
    pub bytes: u64,
    pub nodes: u64,
    /// 0 where it is not known.
    pub child_private_bytes: u64,
    pub heap: Option<HeapStatistics>,
    pub classes: Result<&'a ClassHistogram, String>,
}

impl Closing<'_> {
    pub fn document(&self) -> Value {
        let about = self.circumstances;
        json!({
            "version": 1,
            "leakhunt": env!("CARGO_PKG_VERSION"),
            "snapshot": self.snapshot_name,
            "takenAt": self.taken_at_ms,
            "pid": about.pid,
            "threadId": about.thread_id,
            "versions": about.versions,
            "labels": about.labels,
            "reason": about.reason,
            "trigger": about.trigger,
            "mode": self.mode,
            "engine": self.engine.name(),
            "format": self.format.name(),
            "redacted": self.redacted,
            "pauseMs": self.pause_ms,
            "rawBytes": self.raw_bytes,
            "bytes": self.bytes,
            "nodes": self.nodes,
            "childPrivateBytes": self.child_private_bytes,
            "predictedBytes": about.predicted_bytes,
            "heap": self.heap.map(heap_figures),
            "recorded": about.recorded,
            "classes": match self.classes { Ok(histogram) => class_rows(histogram), Err(_) => Value::Null },
            "classesMissing": self.classes.as_ref().err(),
        })
    }
}

/// The figures of V8 under the names of the public API, in bytes.
pub fn heap_figures(heap: HeapStatistics) -> Value {
    json!({
        "heapUsedBytes": heap.used(),
        "heapTotalBytes": heap.total(),
        "heapLimitBytes": heap.limit(),
        "externalBytes": heap.external(),
        "mallocedBytes": heap.malloced(),
    })
}

fn class_rows(histogram: &ClassHistogram) -> Value {
    let row = |name: &str, count: u64, bytes: u64| {
        let mut row = Map::new();
        row.insert("name".into(), name.into());
        row.insert("count".into(), count.into());
        row.insert("shallowBytes".into(), bytes.into());
        Value::Object(row)
    };
    let (listed, others) = histogram.rows.split_at(histogram.rows.len().min(CLASSES));
    let mut rows: Vec<Value> = listed.iter().map(|class| row(&class.name, class.count, class.shallow.0)).collect();
    if !others.is_empty() {
        let count = others.iter().map(|class| class.count).sum();
        let bytes = others.iter().map(|class| class.shallow.0).sum();
        rows.push(row("(all other classes)", count, bytes));
    }
    Value::Array(rows)
}
