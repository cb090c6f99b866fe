//! The flight recorder: samples from the isolate's thread, kept and judged on a thread of its own.
//!
//! The isolate's thread pushes fixed-size [`Record`]s into a bounded channel and never waits: not for space (a full channel counts a drop), not
//! for the other side. The background thread does not sleep *on* that channel either. It looks into it on its own clock, because waking a sleeping
//! receiver takes a lock and a system call, and neither has a place in a GC callback. What cannot wait (wishes, outcomes, the heap at its limit) wakes it
//! from a park, which takes no lock.
//!
//! Why nothing can deadlock: the isolate's thread waits for the background thread only in [`Recorder::stop`], to join it; the
//! background thread waits for the capture's thread, to join it; and that one waits for the isolate's thread only while a visit is being made there, which is
//! not while that thread is in `stop`. The control socket's thread waits for nobody but its clients, all at once, and the last background thread of the process joins it. Every other answer is polled for.

mod automatic;
mod background;
mod census_log;
mod config;
mod control;
mod ending;
mod event;
mod gc;
mod hunting;
mod near_limit;
mod record;
mod ring;

pub use background::Message;
pub use config::Config;
pub use ending::Ending;
pub use event::{Event, Interest, Sample};
pub use record::Record;

use crate::capture::{DeliverRequest, InlineRequest, Mode, fork_unsupported};
use crate::v8::capabilities::Capabilities;
use crate::v8::{GcHooks, GcKind, HeapStatistics, Isolate, NearHeapLimitGuard, Visitor, Visits};
use background::Background;
use crossbeam_channel::{Receiver, Sender, bounded};
use ending::EndingCell;
use gc::GcRecorder;
use near_limit::{LimitListener, LimitWatch};
use record::{Records, SAMPLES};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Wishes of JavaScript that may wait at once; one more is refused.
const MESSAGES: usize = 64;
/// Samples and collections that may wait for JavaScript; beyond, they are dropped and counted in the next sample.
const FREQUENT_EVENTS: usize = 4096;
/// Thresholds and outcomes of captures have a queue of their own, which the flood of the others cannot fill: somebody awaits them. There is at most one outcome
/// for each wish, and captures come one after the other.
const RARE_EVENTS: usize = 1024;

/// The isolate's thread's end of one environment's recorder.
pub struct Recorder {
    /// Dropped first: no callback may come once the rest goes.
    hooks: Option<GcHooks<GcRecorder>>,
    near_limit: Option<NearHeapLimitGuard<LimitListener>>,
    control: Option<Sender<Message>>,
    records: Records,
    frequent: Receiver<Event>,
    rare: Receiver<Event>,
    visits: Option<Visits>,
    /// An in-process snapshot that JavaScript has been asked for.
    inline: Option<InlineRequest>,
    /// A file that JavaScript has been asked to deliver.
    deliver: Option<DeliverRequest>,
    ending: Arc<EndingCell>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts the background thread and, where V8 allows, hooks its collections. `doorbell` must make [`Recorder::answer_doorbell`] run on
    /// this thread soon; it is called from any thread and must not block.
    pub fn start(config: Config, doorbell: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        let (control, messages) = bounded(MESSAGES);
        let (sender, receiver) = bounded(SAMPLES);
        let records = Records::new(sender);
        let (frequent_sender, frequent) = bounded(FREQUENT_EVENTS);
        let (rare_sender, rare) = bounded(RARE_EVENTS);
        let native = Capabilities::get();
        let isolate = Isolate::current().filter(|_| native.is_some_and(|all| all.heap_statistics.is_native()));
        let (visitor, visits) = match isolate.filter(|_| native.is_some_and(|all| all.interrupts.is_native())) {
            Some(isolate) => {
                let (visitor, visits) = Visitor::new(isolate, Arc::clone(&doorbell));
                (Some(visitor), Some(visits))
            }
            None => (None, None),
        };
        let (limit_watch, near_limit) = isolate
            .filter(|_| visitor.is_some() && captures_at_limit(&config))
            .and_then(|isolate| LimitWatch::new(isolate, &config))
            .unzip();
        let ending = Arc::new(EndingCell::default());
        let background = Background::new(background::Ends {
            config,
            messages,
            records: receiver,
            pushed: records.clone(),
            frequent: frequent_sender,
            rare: rare_sender,
            doorbell,
            visitor,
            limit_watch,
            ending: Arc::clone(&ending),
        });
        let thread = std::thread::Builder::new().name("leakhunt".to_owned()).spawn(move || background.run())?;
        let hooks = isolate
            .filter(|_| native.is_some_and(|all| all.gc_callbacks.is_native()))
            .and_then(|isolate| GcHooks::install(isolate, GcRecorder::new(records.clone())));
        Ok(Self {
            hooks,
            near_limit,
            control: Some(control),
            records,
            frequent,
            rare,
            visits,
            inline: None,
            deliver: None,
            ending,
            thread: Some(thread),
        })
    }

    /// Hands a wish to the background thread. `false` if too many wait, or the recorder has ended.
    pub fn tell(&self, message: Message) -> bool {
        let told = self.control.as_ref().is_some_and(|control| control.try_send(message).is_ok());
        self.wake();
        told
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// What the doorbell rang for: work for this thread, then events for JavaScript.
    pub fn answer_doorbell(&mut self) -> Vec<Event> {
        if let Some(visits) = &self.visits {
            visits.receive();
        }
        let mut events: Vec<Event> = self.frequent.try_iter().chain(self.rare.try_iter()).collect();
        for event in &mut events {
            match event {
                Event::Inline { request, .. } => self.inline = request.take(),
                Event::Deliver { request, .. } => self.deliver = request.take(),
                _ => {}
            }
        }
        events
    }

    /// JavaScript has written the in-process snapshot that it was asked for, or could not.
    pub fn inline_done(&mut self, result: Result<f64, String>) {
        if let Some(request) = self.inline.take() {
            // One slot, one answer; nobody listens any more if the recorder is stopping.
            let _ = request.answer.try_send(result);
        }
    }

    /// The user's function has delivered the file that it was asked to, or could not.
    pub fn deliver_done(&mut self, result: Result<(), String>) {
        if let Some(request) = self.deliver.take() {
            // One slot, one answer; nobody listens any more if the recorder is stopping.
            let _ = request.answer.try_send(result);
        }
    }

    /// The JavaScript way of a tick.
    pub fn push_tick(&self, heap: HeapStatistics) {
        self.records.push(Record::Tick { at: Instant::now(), heap });
    }

    /// The JavaScript way of a collection; the heap's size before and after is not known there.
    pub fn push_gc(&self, kind: GcKind, pause: Duration) {
        let started = Instant::now().checked_sub(pause).unwrap_or_else(Instant::now);
        self.records.push(Record::Gc { kind, started, pause, used_before: 0, used_after: 0 });
    }

    /// Unhooks V8 and joins the background thread. A capture under way is ended and leaves no file.
    pub fn stop(&mut self) {
        self.hooks = None;
        self.near_limit = None;
        self.control = None;
        self.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    /// As [`Recorder::stop`], for an environment that ends. With the process goes nobody who could wait: the child of a capture under way finishes its file
    /// alone. With a worker, so does an automatic one; one that code has asked for is ended.
    pub fn stop_with(&mut self, ending: Ending) {
        self.ending.set(ending);
        self.stop();
    }
}

/// Only a forked capture can be made at the limit.
fn captures_at_limit(config: &Config) -> bool {
    config.capture.near_heap_limit
        && config.capture.mode == Mode::Fork
        && config.captures_off.is_none()
        && fork_unsupported().is_none()
        && Capabilities::get().is_some_and(|all| all.near_heap_limit.is_native())
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.stop();
    }
}
