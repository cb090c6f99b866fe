//! The background thread: owns the ring and all decisions.

mod captures;
mod censuses;
mod controls;
mod hunts;

use self::captures::{Asker, Running, Wish};
use self::censuses::Censuses;
use super::automatic::{Answer, Automatic, Cause};
use super::config::Config;
use super::control::Control;
use super::ending::{Ending, EndingCell};
use super::event::{Event, Interest, Sample};
use super::gc::GcTotals;
use super::hunting::Hunting;
use super::near_limit::{LimitWatch, NearLimit};
use super::record::{Record, Records};
use super::ring::Ring;
use crate::capture::{Budget, Delivery, Experience, Failure, Format, Mode, Tidying};
use crate::os::cgroup::Cgroup;
use crate::os::memory::ResidentGauge;
use crate::trigger::{Growth, Metric, RuleState};
use crate::v8::{GcKind, HeapStatistics, Visit, Visitor};
use crossbeam_channel::{Receiver, Sender, TryRecvError};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often the records are looked into, at least.
const LOOK: Duration = Duration::from_millis(100);
/// Samples kept, and how many of them a snapshot's sidecar gets.
const KEPT: usize = 600;
const TOLD: usize = 60;

/// A wish of JavaScript's.
pub enum Message {
    Interest(Interest),
    /// Capture now; the outcome comes as an event with this id.
    Snapshot {
        id: u32,
        reason: String,
        redact: bool,
        /// What `capture.format` says, if none.
        format: Option<Format>,
        /// From the heap's pages, and V8's own beside it.
        beside_v8: bool,
    },
    /// Count now; the outcome comes as an event with this id.
    Census {
        id: u32,
        max_classes: usize,
    },
}

/// The thread's ends of everything.
pub struct Ends {
    pub config: Config,
    pub messages: Receiver<Message>,
    pub records: Receiver<Record>,
    pub pushed: Records,
    /// What is many and may be dropped, and what is rare and must arrive.
    pub frequent: Sender<Event>,
    pub rare: Sender<Event>,
    pub doorbell: Arc<dyn Fn() + Send + Sync>,
    pub visitor: Option<Visitor>,
    pub limit_watch: Option<LimitWatch>,
    pub ending: Arc<EndingCell>,
}

pub struct Background {
    ends: Ends,
    interest: Interest,
    tick: Arc<Visit>,
    next_tick: Instant,
    /// No tick has come since this one was asked for.
    tick_waits: bool,
    rules: Vec<RuleState>,
    growth: Option<Growth>,
    hunting: Option<Hunting>,
    /// What the hunt under way began with, for the sidecars.
    hunt_began: Value,
    first_live_set: Option<u64>,
    automatic: Automatic,
    samples: Ring<Sample>,
    gcs: GcTotals,
    cgroup: Option<Cgroup>,
    resident: Option<ResidentGauge>,
    running: Option<Running>,
    /// What somebody asked for while a census at an interval was under way.
    waiting: Option<Wish>,
    experience: Arc<Mutex<Experience>>,
    /// The heap's limit was raised for a capture that could not be started yet.
    at_limit: Option<NearLimit>,
    delivery: Option<Delivery>,
    censuses: Option<Censuses>,
    control: Option<Control>,
    dropped_events: u64,
}

impl Background {
    pub fn new(ends: Ends) -> Self {
        let now = Instant::now();
        let pushed = ends.pushed.clone();
        // Without snapshots there is nothing to hunt with.
        let captures = ends.config.captures_off.is_none() && ends.config.capture.mode != Mode::Off;
        let hunt = ends.config.hunt.as_ref().filter(|_| captures);
        let restore_limit = ends.limit_watch.as_ref().map(LimitWatch::restore);
        let tick = Visit::new(move |isolate| {
            if let Some(restore) = &restore_limit {
                restore();
            }
            if let Some(heap) = isolate.heap_statistics() {
                pushed.push(Record::Tick { at: Instant::now(), heap });
            }
        });
        Self {
            interest: Interest::default(),
            tick,
            next_tick: now,
            tick_waits: false,
            rules: ends.config.rules.iter().cloned().map(RuleState::new).collect(),
            growth: (ends.config.growth || hunt.is_some()).then(Growth::default),
            hunting: hunt.map(Hunting::new),
            hunt_began: json!({}),
            first_live_set: None,
            automatic: Automatic::new(ends.config.limits.clone()),
            samples: Ring::new(KEPT),
            gcs: GcTotals::default(),
            cgroup: Cgroup::find(),
            resident: ResidentGauge::open(),
            running: None,
            waiting: None,
            experience: Arc::default(),
            at_limit: None,
            delivery: None,
            censuses: ends.config.census.map(|census| Censuses::new(census, ends.config.naming())),
            control: None,
            dropped_events: 0,
            ends,
        }
    }

    /// Until the isolate's thread closes its end. Sleeps parked, not on a channel: whoever has something for this thread wakes it without a lock.
    pub fn run(mut self) {
        let _tidying =
            self.ends.config.captures_off.is_none().then(|| Tidying::start(self.ends.config.dir.clone(), self.say()));
        self.delivery = self.start_delivery();
        self.control = self.open_control();
        if let Some(watch) = &self.ends.limit_watch {
            watch.wake_this_thread();
        }
        while self.obey_all() {
            self.obey_control();
            self.reap();
            self.look();
            self.look_at_limit();
            self.look_at_hunt();
            self.look_at_censuses();
            if Instant::now() >= self.next_tick {
                self.ask_for_tick();
            }
            std::thread::park_timeout(self.next_tick.saturating_duration_since(Instant::now()).min(LOOK));
        }
        // From here on nobody can ask; who awaits an answer is told that there will be none.
        drop(self.control.take());
        // Its process ends with the recorder.
        drop(self.hunting.take());
        let Some(Running { capture, wish, .. }) = self.running.take() else { return };
        match self.ends.ending.get() {
            Ending::Process => capture.abandon(),
            // What made leakhunt want it may well be what has ended the isolate, and then there is no second chance.
            Ending::Isolate if wish.is_automatic() => capture.let_finish(),
            Ending::Isolate | Ending::Wished => drop(capture),
        }
    }

    /// `false` once the isolate's thread has closed its end.
    fn obey_all(&mut self) -> bool {
        loop {
            match self.ends.messages.try_recv() {
                Ok(message) => self.obey(message),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    /// Takes the result of a capture that has ended.
    fn reap(&mut self) {
        match self.running.as_ref().map(|running| running.ended.try_recv()) {
            Some(Ok(result)) => self.capture_ended(result),
            Some(Err(TryRecvError::Disconnected)) => self.capture_ended(Err(Failure::Stopped)),
            Some(Err(TryRecvError::Empty)) | None => {}
        }
        if self.running.is_none()
            && let Some(wish) = self.waiting.take()
        {
            self.capture_or_tell(wish);
        }
    }

    fn obey(&mut self, message: Message) {
        match message {
            Message::Interest(interest) => self.interest = interest,
            Message::Snapshot { id, reason, redact, format, beside_v8 } => {
                // What has been recorded up to the wish belongs into its sidecar.
                self.look();
                self.capture_or_tell(Wish::Asked { asker: Asker::Code(id), reason, redact, format, beside_v8 });
            }
            Message::Census { id, max_classes } => {
                self.capture_or_tell(Wish::Census { asker: Some(Asker::Code(id)), max_classes });
            }
        }
    }

    fn look(&mut self) {
        while let Ok(record) = self.ends.records.try_recv() {
            match record {
                Record::Gc { kind, started, pause, used_before, used_after } => {
                    self.gcs.add(kind, pause);
                    if self.interest.gcs {
                        let timestamp_ms = wall_ms(started);
                        self.emit(Event::Gc { kind, timestamp_ms, pause, used_before, used_after });
                    }
                    if kind == GcKind::MarkSweepCompact && used_after > 0 {
                        self.live_set(used_after);
                    }
                }
                Record::Tick { at, heap } => {
                    self.tick_waits = false;
                    self.sample(at, heap);
                }
            }
        }
    }

    /// Answers V8's call at the heap limit, and decides whether there may be another.
    fn look_at_limit(&mut self) {
        let mut called = false;
        while let Some(moment) = self.ends.limit_watch.as_mut().and_then(LimitWatch::moment) {
            called = true;
            self.emit(Event::NearLimit(moment));
            // Where there was no room, the budget says so in words, or finds that there is some by now.
            self.at_limit = Some(moment);
        }
        if let Some(moment) = self.at_limit
            && self.act(Cause::NearLimit(moment), moment.document())
        {
            self.at_limit = None;
        }
        if called && self.running.is_none() {
            self.take_back_headroom();
        }
        let captures = self.running.is_none()
            && self.at_limit.is_none()
            && matches!(self.automatic.may_start(Instant::now()), Answer::Go);
        if let (Some(watch), Some(visitor)) = (&mut self.ends.limit_watch, &self.ends.visitor) {
            watch.allow(captures, visitor);
        }
    }

    /// A worker that is not captured ends as if nobody had been there.
    fn take_back_headroom(&self) {
        if !self.ends.config.is_main_thread
            && let (Some(watch), Some(visitor)) = (&self.ends.limit_watch, &self.ends.visitor)
        {
            watch.take_back(visitor);
        }
    }

    fn ask_for_tick(&mut self) {
        self.next_tick = Instant::now() + Duration::from_millis(self.ends.config.interval_ms);
        if self.tick_waits {
            // The isolate's thread has not come by for a whole interval. What Linux says of the process does not need it.
            self.watch_resident();
        }
        if let Some(visitor) = &self.ends.visitor {
            self.tick_waits = true;
            visitor.ask(&self.tick);
        }
    }

    fn sample(&mut self, at: Instant, heap: HeapStatistics) {
        let cgroup = self.cgroup.as_ref().and_then(Cgroup::memory);
        let resident = self.resident.as_ref().and_then(ResidentGauge::read).unwrap_or(0);
        let sample = Sample {
            timestamp_ms: wall_ms(at),
            heap_used: heap.used(),
            heap_total: heap.total(),
            heap_limit: heap.limit(),
            external: heap.external(),
            malloced: heap.malloced(),
            resident,
            cgroup_limit: cgroup.map(|memory| memory.limit),
            cgroup_used: cgroup.map(|memory| memory.used),
            gc_count: self.gcs.count(),
            gc_pause: self.gcs.pause(),
            dropped: self.ends.pushed.dropped() + self.dropped_events,
        };
        self.samples.push(sample);
        if let Some(control) = &self.control {
            control.desk().sampled(sample);
        }
        if let Some(watch) = &mut self.ends.limit_watch {
            let (config, experience) = (&self.ends.config, &self.experience);
            let least_disk = config.limits.min_free_disk_bytes;
            watch.observe(at, heap.limit(), || {
                Budget::has_room_at_limit(&config.capture, &config.dir, least_disk, experience, heap.used())
            });
            if !watch.is_raised() {
                // The heap has shrunk before a capture could be started: it would show a heap that is not at its limit.
                self.at_limit = None;
            }
        }
        if self.interest.samples {
            self.emit(Event::Sample(sample));
        }
        self.observe(Metric::HeapUsed, heap.used(), Some(heap.limit()));
        self.observe(Metric::External, heap.external(), None);
        self.observe(Metric::Rss, resident, sample.cgroup_limit);
    }

    fn watch_resident(&mut self) {
        let limit = self.cgroup.as_ref().and_then(Cgroup::memory).map(|memory| memory.limit);
        if let Some(resident) = self.resident.as_ref().and_then(ResidentGauge::read) {
            self.observe(Metric::Rss, resident, limit);
        }
    }

    fn live_set(&mut self, live: u64) {
        let first = *self.first_live_set.get_or_insert(live);
        self.observe(Metric::LiveSetGrowth, live.saturating_sub(first), Some(first));
        let found = self.growth.as_mut().and_then(|growth| growth.observe(live));
        if self.hunt_observes(live, found) {
            self.growth.iter_mut().for_each(Growth::acted);
        }
        // Where there are hunts, growth is theirs.
        if self.hunting.is_none()
            && let Some(found) = found
            && self.act(Cause::Growth, json!(found))
            && let Some(growth) = &mut self.growth
        {
            growth.acted();
        }
    }

    fn observe(&mut self, metric: Metric, value: u64, whole: Option<u64>) {
        for index in 0..self.rules.len() {
            if self.rules[index].metric() != metric {
                continue;
            }
            let Some(crossing) = self.rules[index].observe(value, whole) else { continue };
            if crossing.samples == self.ends.config.rules[index].samples {
                self.emit(Event::Threshold(crossing));
            }
            if self.act(Cause::Rule(index), json!(crossing)) {
                self.rules[index].fired(value);
            }
        }
    }

    fn emit(&mut self, event: Event) {
        let queue = if event.is_frequent() { &self.ends.frequent } else { &self.ends.rare };
        if queue.try_send(event).is_err() {
            self.dropped_events += 1;
        }
        (self.ends.doorbell)();
    }
}

/// The wall time of a moment just passed. Both clocks are read afresh, so that a step of the wall clock does not stay for ever.
fn wall_ms(at: Instant) -> f64 {
    let wall = SystemTime::now().checked_sub(at.elapsed()).unwrap_or(UNIX_EPOCH);
    wall.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1e3)
}
