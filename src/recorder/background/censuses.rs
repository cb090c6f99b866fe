//! Censuses at intervals: when the next one is due, where they go, and what grows from one to the next.

use super::Background;
use super::captures::{Asker, Wish, parted};
use super::controls::census_at_socket;
use crate::capture::{Counted, Failure, Naming};
use crate::pages::ClassCount;
use crate::pages::history::Entry;
use crate::recorder::automatic::Cause;
use crate::recorder::census_log::CensusLog;
use crate::recorder::config::CensusConfig;
use crate::recorder::event::{Event, GrowingClass};
use crate::trigger::{ClassFound, ClassGrowth, CountedClass};
use serde_json::json;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Growing classes that are told.
const TOLD: usize = 5;

pub(super) struct Censuses {
    config: CensusConfig,
    next: Instant,
    log: CensusLog,
    growth: ClassGrowth,
    /// Names are others' to choose.
    keys: RandomState,
}

impl Censuses {
    pub(super) fn new(config: CensusConfig, naming: Naming) -> Self {
        Self {
            config,
            next: Instant::now() + Duration::from_millis(config.every_ms),
            log: CensusLog::new(naming, config.keep),
            growth: ClassGrowth::default(),
            keys: RandomState::new(),
        }
    }

    /// What was to be done about a class could not be done yet.
    pub(super) fn postponed(&mut self) {
        self.growth.postponed();
    }

    /// The classes that grow, the most bytes first.
    fn growing(&mut self, classes: &[ClassCount]) -> Vec<GrowingClass> {
        let keyed = classes.iter().map(|class| CountedClass {
            key: self.keys.hash_one((class.kind, &class.name, &class.location)),
            count: class.count,
            bytes: class.bytes,
        });
        let told = self.growth.observe(keyed).into_iter().take(TOLD).map(|found| {
            let ClassCount { name, kind, location, .. } = classes[found.place].clone();
            let ClassFound { counts, grown_count, grown_bytes, .. } = found;
            GrowingClass { name, kind, location, counts, grown_count, grown_bytes }
        });
        told.collect()
    }
}

impl Background {
    /// Begins one when it is time, or as soon as nothing else is under way.
    pub(super) fn look_at_censuses(&mut self) {
        let now = Instant::now();
        let is_free = self.running.is_none();
        let Some(censuses) = self.censuses.as_mut().filter(|censuses| is_free && now >= censuses.next) else { return };
        censuses.next = now + Duration::from_millis(censuses.config.every_ms);
        let wish = Wish::Census { asker: None, max_classes: censuses.config.max_classes };
        self.capture_or_tell(wish);
    }

    pub(super) fn census_ended(&mut self, asker: Option<Asker>, counted: Box<Counted>) {
        let timestamp_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let is_at_interval = asker.is_none();
        let (mut path, mut growing, mut is_due) = (None, Vec::new(), false);
        let thread_id = self.ends.config.thread_id;
        let entry = || Entry {
            timestamp_ms,
            pid: std::process::id(),
            thread_id,
            heap_used_bytes: counted.counts.heap_used_bytes,
            census: counted.counts.census.clone(),
        };
        if let Some(censuses) = &mut self.censuses {
            let entry = entry();
            let appended = censuses.log.append(&entry).map(|path| path.to_owned());
            if is_at_interval {
                // Only those at intervals are compared: those that code asks for come when they come.
                growing = censuses.growing(&entry.census.classes);
                is_due = !growing.is_empty() && censuses.growth.is_due();
            }
            match appended {
                Ok(file) => path = Some(file),
                Err(error) => {
                    self.emit(Event::error(&Failure::Directory { dir: self.ends.config.dir.clone(), error }));
                }
            }
        }
        if is_due && self.act_on(&growing, counted.counts.heap_used_bytes) {
            self.censuses.iter_mut().for_each(|censuses| censuses.growth.acted());
        }
        let (id, ticket) = parted(asker);
        if let Some(ticket) = ticket {
            ticket.answer(Ok(census_at_socket(&entry(), &counted, path.as_deref())));
        }
        // Some hundred classes are a large object to make, on the app's thread.
        if id.is_some() || self.interest.censuses {
            self.emit(Event::Census { id, timestamp_ms, path, growing, counted });
        }
    }

    /// A hunt, where there are hunts; a snapshot, where growth makes one. `true` if something was begun.
    fn act_on(&mut self, growing: &[GrowingClass], live: u64) -> bool {
        let trigger = json!({ "classes": growing });
        let Some(hunting) = &mut self.hunting else {
            return self.ends.config.growth && self.act(Cause::Class, trigger);
        };
        let begins = hunting.observe(Instant::now(), live, true);
        if begins {
            self.hunt_began = trigger;
        }
        begins
    }
}
