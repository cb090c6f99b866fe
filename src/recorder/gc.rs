//! Collections: measured in V8's callbacks, summed up on the background thread.

use super::record::{Record, Records};
use crate::v8::{GcKind, GcListener, Isolate};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// V8 can begin one collection inside another (a scavenge that starts incremental marking); deeper than this it never goes.
const NESTING: usize = 8;

/// In a GC callback: a timestamp, one read of figures, and a push. No allocation, no lock of ours, no JavaScript.
pub struct GcRecorder {
    records: Records,
    open: [Cell<Option<(GcKind, Instant, u64)>>; NESTING],
    depth: Cell<usize>,
}

impl GcRecorder {
    pub fn new(records: Records) -> Self {
        Self { records, open: Default::default(), depth: Cell::new(0) }
    }
}

impl GcListener for GcRecorder {
    fn prologue(&self, isolate: Isolate, kind: GcKind) {
        let used = isolate.heap_statistics().map_or(0, |heap| heap.used());
        // As deep as it never goes: epilogues have been missed, so what is open is not to be trusted.
        let depth = if self.depth.get() == NESTING { 0 } else { self.depth.get() };
        self.open[depth].set(Some((kind, Instant::now(), used)));
        self.depth.set(depth + 1);
    }

    fn epilogue(&self, isolate: Isolate, kind: GcKind) {
        let now = Instant::now();
        // Ends the innermost collection of this kind; one whose epilogue never came is forgotten with it.
        let open = &self.open[..self.depth.get()];
        let Some(index) = open.iter().rposition(|slot| slot.get().is_some_and(|(other, ..)| other == kind)) else {
            return;
        };
        let Some((_, started, used_before)) = open[index].get() else { return };
        self.depth.set(index);
        let used_after = isolate.heap_statistics().map_or(0, |heap| heap.used());
        self.records.push(Record::Gc { kind, started, pause: now - started, used_before, used_after });
    }
}

/// Every collection since the start, by kind.
#[derive(Debug, Default)]
pub struct GcTotals(BTreeMap<&'static str, GcTotal>);

#[derive(Debug, Default)]
struct GcTotal {
    count: u64,
    pause: Duration,
    longest: Duration,
}

impl GcTotals {
    pub fn add(&mut self, kind: GcKind, pause: Duration) {
        let total = self.0.entry(kind.name()).or_default();
        total.count += 1;
        total.pause += pause;
        total.longest = total.longest.max(pause);
    }

    pub fn count(&self) -> u64 {
        self.0.values().map(|total| total.count).sum()
    }

    pub fn pause(&self) -> Duration {
        self.0.values().map(|total| total.pause).sum()
    }

    pub fn document(&self) -> Value {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        self.0
            .iter()
            .map(|(kind, total)| {
                let row =
                    json!({ "count": total.count, "pauseMs": ms(total.pause), "longestPauseMs": ms(total.longest) });
                ((*kind).to_owned(), row)
            })
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_kept_by_kind() {
        let mut totals = GcTotals::default();
        totals.add(GcKind::Scavenge, Duration::from_millis(2));
        totals.add(GcKind::Scavenge, Duration::from_millis(4));
        totals.add(GcKind::MarkSweepCompact, Duration::from_millis(10));
        assert_eq!(totals.count(), 3);
        assert_eq!(totals.pause(), Duration::from_millis(16));
        assert_eq!(totals.document()["scavenge"]["longestPauseMs"], 4.0);
    }
}
