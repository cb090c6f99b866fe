//! What the isolate's thread pushes: values of a fixed size, over a bounded channel.

use crate::v8::{GcKind, HeapStatistics};
use crossbeam_channel::Sender;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Room for the collections of several seconds; the background thread looks in ten times a second.
pub const SAMPLES: usize = 4096;

#[derive(Clone, Copy, Debug)]
pub enum Record {
    Gc { kind: GcKind, started: Instant, pause: Duration, used_before: u64, used_after: u64 },
    Tick { at: Instant, heap: HeapStatistics },
}

/// The pushing end.
#[derive(Clone)]
pub struct Records {
    sender: Sender<Record>,
    dropped: Arc<AtomicU64>,
}

impl Records {
    pub fn new(sender: Sender<Record>) -> Self {
        Self { sender, dropped: Arc::default() }
    }

    /// Neither allocates nor waits. A full channel counts.
    pub fn push(&self, record: Record) {
        if self.sender.try_send(record).is_err() {
            // Relaxed: a count, read for its own sake.
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_channel_counts_and_does_not_wait() {
        let (sender, receiver) = crossbeam_channel::bounded(2);
        let records = Records::new(sender);
        for _ in 0..5 {
            records.push(Record::Tick { at: Instant::now(), heap: HeapStatistics::default() });
        }
        assert_eq!(records.dropped(), 3);
        assert_eq!(receiver.len(), 2);
    }
}
