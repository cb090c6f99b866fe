//! Censuses at intervals, and the file to which all censuses of a recorder with intervals go.

use super::Background;
use super::captures::Wish;
use crate::capture::{Counted, Failure};
use crate::pages::ClassCount;
use crate::pages::history::Entry;
use crate::recorder::automatic::Cause;
use crate::recorder::event::{Event, GrowingClass};
use crate::trigger::{ClassFound, CountedClass};
use serde_json::{Value, json};
use std::hash::BuildHasher;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Growing classes that are told.
const TOLD: usize = 5;

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
        let growing = if id.is_none() { self.growing_of(&counted) } else { Vec::new() };
        if !growing.is_empty() && self.class_growth.is_due() {
            self.act_on(&growing, counted.counts.heap_used_bytes);
        }
        // Some hundred classes are a large object to make, on the app's thread.
        if id.is_some() || self.interest.censuses {
            self.emit(Event::Census { id, timestamp_ms, path, growing, counted });
        }
    }

    /// Only censuses at intervals are compared: those that code asks for come when they come.
    fn growing_of(&mut self, counted: &Counted) -> Vec<GrowingClass> {
        let classes = &counted.counts.census.classes;
        let keyed = classes.iter().map(|class| CountedClass {
            key: self.class_keys.hash_one((class.kind, &class.name, &class.location)),
            count: class.count,
            bytes: class.bytes,
        });
        let found = self.class_growth.observe(keyed);
        let told = found.into_iter().take(TOLD).map(|found| {
            let ClassCount { name, kind, location, .. } = classes[found.place].clone();
            let ClassFound { counts, grown_count, grown_bytes, .. } = found;
            GrowingClass { name, kind, location, counts, grown_count, grown_bytes }
        });
        told.collect()
    }

    /// A hunt, where there are hunts; a snapshot, where growth makes one.
    fn act_on(&mut self, growing: &[GrowingClass], live: u64) {
        let acted = match &mut self.hunting {
            Some(hunting) => {
                let begins = hunting.observe(Instant::now(), live, true);
                if begins {
                    self.growth_found = None;
                    self.growing = growing.to_vec();
                }
                begins
            }
            None => self.ends.config.growth && self.act(Cause::Class, json!({ "classes": growing })),
        };
        if acted {
            self.class_growth.acted();
        }
    }
}
