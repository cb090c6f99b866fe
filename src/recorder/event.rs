//! What JavaScript is told.

use super::hunting::{Found, StoodDown};
use super::near_limit::NearLimit;
use crate::capture::{Artifact, Counted, DeliverRequest, Failure, InlineRequest, PauseParts};
use crate::pages::Kind;
use crate::trigger::Crossing;
use crate::v8::GcKind;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// Which of the frequent and of the large events somebody listens to; the others are always delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    pub samples: bool,
    pub gcs: bool,
    pub censuses: bool,
}

impl Interest {
    pub fn from_bits(bits: u32) -> Self {
        Self { samples: bits & 1 != 0, gcs: bits & 2 != 0, censuses: bits & 4 != 0 }
    }
}

/// A class that has grown from census to census.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrowingClass {
    pub name: String,
    pub kind: Kind,
    pub location: Option<String>,
    /// At the last censuses, oldest first.
    pub counts: Vec<u64>,
    pub grown_count: u64,
    pub grown_bytes: u64,
}

/// One tick's figures. Bytes; time as milliseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub timestamp_ms: f64,
    pub heap_used: u64,
    pub heap_total: u64,
    pub heap_limit: u64,
    pub external: u64,
    pub malloced: u64,
    pub resident: u64,
    pub cgroup_limit: Option<u64>,
    pub cgroup_used: Option<u64>,
    pub gc_count: u64,
    pub gc_pause: Duration,
    pub dropped: u64,
}

impl Sample {
    pub fn document(&self) -> Value {
        json!({
            "timestamp": self.timestamp_ms,
            "heapUsedBytes": self.heap_used,
            "heapTotalBytes": self.heap_total,
            "heapLimitBytes": self.heap_limit,
            "externalBytes": self.external,
            "mallocedBytes": self.malloced,
            "rssBytes": self.resident,
            "cgroupLimitBytes": self.cgroup_limit,
            "cgroupUsedBytes": self.cgroup_used,
            "gcCount": self.gc_count,
            "gcPauseMs": self.gc_pause.as_secs_f64() * 1e3,
            "droppedSamples": self.dropped,
        })
    }
}

pub enum Event {
    Sample(Sample),
    Gc {
        kind: GcKind,
        timestamp_ms: f64,
        pause: Duration,
        used_before: u64,
        used_after: u64,
    },
    Threshold(Crossing),
    NearLimit(NearLimit),
    Snapshot {
        id: Option<u32>,
        reason: String,
        artifact: Artifact,
    },
    Census {
        id: Option<u32>,
        timestamp_ms: u64,
        /// The file that it was appended to.
        path: Option<PathBuf>,
        /// What keeps growing over the last ones, the most bytes first.
        growing: Vec<GrowingClass>,
        counted: Box<Counted>,
    },
    Skipped {
        id: Option<u32>,
        reason: String,
        code: &'static str,
        message: String,
        figures: Value,
    },
    /// A hunt has found a leak that the app has not been told of lately.
    Leak(Found),
    /// A hunt has ended without a leak to tell of.
    StoodDown(StoodDown),
    /// Write a snapshot in the process. The request is taken out before JavaScript sees the event.
    Inline {
        path: String,
        request: Option<InlineRequest>,
    },
    /// Hand a file to the user's function. The request is taken out before JavaScript sees the event.
    Deliver {
        path: String,
        sidecar: String,
        attempt: u32,
        request: Option<DeliverRequest>,
    },
    /// Something went wrong that nobody awaits.
    Error {
        code: &'static str,
        message: String,
        figures: Value,
    },
}

impl Event {
    pub fn skipped(id: Option<u32>, reason: String, failure: &Failure) -> Self {
        Self::Skipped { id, reason, code: failure.code(), message: failure.to_string(), figures: failure.figures() }
    }

    pub fn error(failure: &Failure) -> Self {
        Self::Error { code: failure.code(), message: failure.to_string(), figures: failure.figures() }
    }

    /// Whether it may be dropped when JavaScript does not keep up.
    pub fn is_frequent(&self) -> bool {
        matches!(self, Self::Sample(_) | Self::Gc { .. })
    }

    /// The event as JavaScript sees it: an object with `type`.
    pub fn document(&self) -> Value {
        let (name, mut document) = match self {
            Self::Sample(sample) => ("sample", sample.document()),
            Self::Gc { kind, timestamp_ms, pause, used_before, used_after } => (
                "gc",
                json!({
                    "kind": kind.name(),
                    "kindBits": kind.bits(),
                    "timestamp": timestamp_ms,
                    "durationMs": pause.as_secs_f64() * 1e3,
                    "heapUsedBeforeBytes": used_before,
                    "heapUsedAfterBytes": used_after,
                }),
            ),
            Self::Threshold(crossing) => ("threshold", json!(crossing)),
            Self::NearLimit(moment) => ("near-limit", moment.document()),
            Self::Snapshot { id, reason, artifact } => (
                "snapshot",
                json!({
                    "id": id,
                    "reason": reason,
                    "path": artifact.path.to_string_lossy(),
                    "sidecar": artifact.sidecar.to_string_lossy(),
                    "v8Path": artifact.v8.as_ref().map(|path| path.to_string_lossy()),
                    "mode": artifact.mode,
                    "engine": artifact.engine.name(),
                    "format": artifact.format.name(),
                    "redacted": artifact.redacted,
                    "pauseMs": artifact.pause_ms,
                    "pauseParts": artifact.pause_parts.map(pause_parts),
                    "leftOutBytes": artifact.left_out_bytes,
                    "durationMs": artifact.duration_ms,
                    "bytes": artifact.bytes,
                    "rawBytes": artifact.raw_bytes,
                    "nodes": artifact.nodes,
                    "attempts": artifact.attempts,
                    "visits": artifact.visits,
                    "childPeakRssBytes": artifact.child_peak_resident_bytes,
                    "childPrivateBytes": artifact.child_private_bytes,
                    "predictedBytes": artifact.predicted_bytes,
                    "heapUsedBytes": artifact.heap_used_bytes,
                }),
            ),
            Self::Census { id, timestamp_ms, path, growing, counted } => {
                let mut document = census(*id, counted);
                document["growing"] = json!(growing);
                document["timestamp"] = (*timestamp_ms).into();
                document["path"] = json!(path.as_ref().map(|path| path.to_string_lossy()));
                ("census", document)
            }
            Self::Skipped { id, reason, code, message, figures } => {
                ("skipped", json!({ "id": id, "reason": reason, "code": code, "message": message, "figures": figures }))
            }
            Self::Leak(found) => ("leak", found.document()),
            Self::StoodDown(end) => ("stood-down", end.document()),
            Self::Deliver { path, sidecar, attempt, .. } => {
                ("deliver", json!({ "path": path, "sidecar": sidecar, "attempt": attempt }))
            }
            Self::Error { code, message, figures } => {
                ("error", json!({ "code": code, "message": message, "figures": figures }))
            }
            Self::Inline { path, .. } => ("inline", json!({ "path": path })),
        };
        document["type"] = name.into();
        document
    }
}

fn census(id: Option<u32>, counted: &Counted) -> Value {
    let mut document = json!(counted.counts);
    let more = json!({
        "id": id,
        "pauseMs": counted.pause_ms,
        "pauseParts": pause_parts(counted.pause_parts),
        "durationMs": counted.duration_ms,
        "leftOutBytes": counted.left_out_bytes,
        "attempts": counted.attempts,
        "visits": counted.visits,
        "childPrivateBytes": counted.child_private_bytes,
        "predictedBytes": counted.predicted_bytes,
    });
    if let (Value::Object(document), Value::Object(more)) = (&mut document, more) {
        document.extend(more);
    }
    document
}

pub(super) fn pause_parts(parts: PauseParts) -> Value {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let PauseParts { check, fork } = parts;
    json!({ "checkMs": ms(check), "showMs": ms(fork.show), "forkMs": ms(fork.fork), "hideMs": ms(fork.hide) })
}
