//! Censuses at intervals, and the file to which all censuses of a recorder with intervals go.

use super::Background;
use super::captures::Wish;
use crate::capture::{Counted, Failure};
use crate::pages::history::Entry;
use crate::recorder::event::Event;
use serde_json::Value;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

impl Background {
    /// Begins one when it is time, or as soon as nothing else is under way.
    pub(super) fn look_at_censuses(&mut self) {
        let Some(config) = self.ends.config.census else { return };
        let now = Instant::now();
        if self.running.is_some() || now < self.next_census {
            return;
        }
        self.next_census = now + Duration::from_millis(config.every_ms);
        let wish = Wish::Census { id: None, max_classes: config.max_classes };
        let reason = wish.reason();
        if let Err(failure) = self.capture(wish, Value::Null) {
            self.emit(Event::skipped(None, reason, &failure));
        }
    }

    pub(super) fn census_ended(&mut self, id: Option<u32>, counted: Box<Counted>) {
        let timestamp_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let mut path = None;
        if let Some(log) = &mut self.census_log {
            let entry = Entry {
                timestamp_ms,
                pid: std::process::id(),
                thread_id: self.ends.config.thread_id,
                heap_used_bytes: counted.counts.heap_used_bytes,
                census: counted.counts.census.clone(),
            };
            match log.append(&entry) {
                Ok(file) => path = Some(file.to_owned()),
                Err(error) => {
                    let failure = Failure::Directory { dir: self.ends.config.dir.clone(), error };
                    self.emit(Event::error(&failure));
                }
            }
        }
        // Some hundred classes are a large object to make, on the app's thread.
        if id.is_some() || self.interest.censuses {
            self.emit(Event::Census { id, timestamp_ms, path, counted });
        }
    }
}
