//! The captures of the background thread: from a wish or a trigger to the event that says what came of it.

use super::censuses::Censuses;
use super::controls::refusal;
use super::{Background, TOLD};
use crate::capture::{
    self, Aim, Capture, Circumstances, DeliverRequest, Delivery, Failure, Format, InlineRequest, Job, Product, Say,
};
use crate::os;
use crate::os::cgroup::Cgroup;
use crate::recorder::automatic::{Answer, Cause};
use crate::recorder::control::Ticket;
use crate::recorder::event::{Event, Sample};
use crate::recorder::hunting::Hunting;
use crate::recorder::near_limit::LimitWatch;
use crate::trigger::Growth;
use crossbeam_channel::{Receiver, bounded};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

pub(super) struct Running {
    pub(super) capture: Capture,
    pub(super) ended: Receiver<Result<Product, Failure>>,
    began: Instant,
    /// The live set at that time, which is what the snapshot shows.
    live: u64,
    pub(super) wish: Wish,
}

/// A capture before it is known whose it is.
struct Begun {
    capture: Capture,
    ended: Receiver<Result<Product, Failure>>,
    began: Instant,
}

/// Who awaits what comes of a wish.
pub(super) enum Asker {
    /// A promise of JavaScript's.
    Code(u32),
    /// A client of the control socket.
    Socket(Ticket),
}

/// A snapshot or a census that is wanted.
pub(super) enum Wish {
    Asked {
        asker: Asker,
        reason: String,
        redact: bool,
        format: Option<Format>,
        beside_v8: bool,
    },
    /// Without an asker it is one at intervals.
    Census {
        asker: Option<Asker>,
        max_classes: usize,
    },
    Automatic(Cause),
}

impl Wish {
    pub(super) fn asker(self) -> Option<Asker> {
        match self {
            Self::Asked { asker, .. } => Some(asker),
            Self::Census { asker, .. } => asker,
            Self::Automatic(_) => None,
        }
    }

    /// `None` for what the configuration says.
    fn redact(&self) -> Option<bool> {
        match self {
            Self::Asked { redact, .. } => Some(*redact),
            Self::Census { .. } | Self::Automatic(_) => None,
        }
    }

    /// `None` for what the configuration says.
    fn format(&self) -> Option<Format> {
        match self {
            Self::Asked { format, .. } => *format,
            Self::Census { .. } | Self::Automatic(_) => None,
        }
    }

    /// With what it asks for otherwise than the configuration does.
    fn config(&self, config: &capture::Config) -> capture::Config {
        let config = capture::Config { format: self.format().unwrap_or(config.format), ..config.clone() };
        if self.is_beside_v8() { config.from_pages() } else { config }
    }

    fn is_beside_v8(&self) -> bool {
        matches!(self, Self::Asked { beside_v8: true, .. })
    }

    fn aim(&self) -> Aim {
        match self {
            Self::Census { max_classes, .. } => Aim::Census { max_classes: *max_classes },
            Self::Asked { .. } | Self::Automatic(_) => Aim::Snapshot,
        }
    }

    pub(super) fn is_automatic(&self) -> bool {
        matches!(self, Self::Automatic(_))
    }

    pub(super) fn is_at_limit(&self) -> bool {
        matches!(self, Self::Automatic(Cause::NearLimit(_)))
    }

    pub(super) fn is_of_hunt(&self) -> bool {
        matches!(self, Self::Automatic(Cause::Hunt))
    }

    pub(super) fn reason(&self) -> String {
        match self {
            Self::Asked { reason, .. } => reason.clone(),
            Self::Census { .. } => "census".to_owned(),
            Self::Automatic(cause) => cause.reason().to_owned(),
        }
    }
}

/// The id of a promise of JavaScript's, or a ticket of the control socket's.
pub(super) fn parted(asker: Option<Asker>) -> (Option<u32>, Option<Ticket>) {
    match asker {
        Some(Asker::Code(id)) => (Some(id), None),
        Some(Asker::Socket(ticket)) => (None, Some(ticket)),
        None => (None, None),
    }
}

impl Background {
    /// Captures for a trigger. `true` if the trigger has been dealt with; `false` if it is to be looked at again at the next sample.
    pub(super) fn act(&mut self, cause: Cause, trigger: Value) -> bool {
        if self.running.is_some() {
            return false;
        }
        let result = match self.automatic.may_start(Instant::now()) {
            Answer::Go => self.capture(Wish::Automatic(cause), trigger),
            Answer::Later => return false,
            Answer::Never(denied) => Err(Failure::Limit(denied)),
        };
        match result {
            Ok(()) => {}
            Err(Failure::Busy) => return false,
            Err(failure) => self.emit(Event::skipped(None, cause.reason().to_owned(), &failure)),
        }
        true
    }

    /// Captures as wished, or says why not.
    pub(super) fn capture_or_tell(&mut self, wish: Wish) {
        if self.waiting.is_none() && self.is_counting_at_an_interval() {
            self.waiting = Some(wish);
            return;
        }
        match self.begin(&wish, Value::Null) {
            Ok(begun) => self.goes_on(begun, wish),
            Err(failure) => {
                let reason = wish.reason();
                self.refuse(wish.asker(), reason, &failure);
            }
        }
    }

    /// Nobody asked for that one, and it is over in a moment: whoever asks for something meanwhile is not refused for it.
    fn is_counting_at_an_interval(&self) -> bool {
        self.running.as_ref().is_some_and(|running| matches!(running.wish, Wish::Census { asker: None, .. }))
    }

    pub(super) fn capture(&mut self, wish: Wish, trigger: Value) -> Result<(), Failure> {
        let begun = self.begin(&wish, trigger)?;
        self.goes_on(begun, wish);
        Ok(())
    }

    fn goes_on(&mut self, Begun { capture, ended, began }: Begun, wish: Wish) {
        let live = self.hunting.as_ref().map_or(0, Hunting::live);
        self.running = Some(Running { capture, ended, began, live, wish });
    }

    fn begin(&self, wish: &Wish, trigger: Value) -> Result<Begun, Failure> {
        if self.running.is_some() {
            return Err(Failure::Busy);
        }
        let config = &self.ends.config;
        if let Some(why) = &config.captures_off {
            return Err(Failure::Off(why.clone()));
        }
        let (rare, doorbell) = (self.ends.rare.clone(), Arc::clone(&self.ends.doorbell));
        let job = Job {
            aim: wish.aim(),
            config: wish.config(&config.capture),
            beside_v8: wish.is_beside_v8(),
            redact: wish.redact().unwrap_or(config.redact),
            naming: config.naming(),
            circumstances: Circumstances {
                reason: wish.reason(),
                trigger,
                labels: config.labels.clone(),
                pid: std::process::id(),
                thread_id: config.thread_id,
                versions: config.versions.clone(),
                recorded: self.recorded(),
                ..Circumstances::default()
            },
            automatic: wish.is_automatic(),
            limits: config.limits.clone(),
            retention: config.retention.clone(),
            claim: self.hunting.as_ref().filter(|_| wish.is_of_hunt()).map(Hunting::claim),
            needed: self.hunting.as_ref().map(Hunting::needed).unwrap_or_default(),
            v8_pool_size: config.v8_pool_size,
            visitor: self.ends.visitor.clone(),
            last_heap_used: self.at_limit.map_or_else(
                || self.samples.iter().last().map_or(0, |sample| sample.heap_used),
                |moment| moment.heap.used(),
            ),
            experience: Arc::clone(&self.experience),
            at_heap_limit: wish.is_at_limit(),
            after_fork: if wish.is_at_limit() && !config.is_main_thread {
                self.ends.limit_watch.as_ref().map(LimitWatch::after_fork)
            } else {
                None
            },
            ask_inline: Box::new(move |request: InlineRequest| {
                let path = request.path.clone();
                // Should the queue be full, the request is dropped with the event, and the capture sees its answer's end.
                let _ = rare.try_send(Event::Inline { path, request: Some(request) });
                doorbell();
            }),
            say: self.say(),
        };
        let began = Instant::now();
        let (sender, ended) = bounded(1);
        let this_thread = std::thread::current();
        let capture = Capture::start(job, move |result| {
            // One slot, one result.
            drop(sender.try_send(result));
            this_thread.unpark();
        })?;
        Ok(Begun { capture, ended, began })
    }

    pub(super) fn capture_ended(&mut self, result: Result<Product, Failure>) {
        let Some(Running { capture, began, live, wish, .. }) = self.running.take() else { return };
        drop(capture);
        if wish.is_at_limit() && result.is_err() {
            self.take_back_headroom();
        }
        if let Err(failure) = &result
            && failure.is_of_hunts()
        {
            // Nothing was refused but a hunt: other captures are not held up.
            self.leave_hunt(failure);
            return;
        }
        let is_told = match &result {
            Ok(Product::Snapshot(artifact)) => {
                self.hunt_takes(&wish, artifact, live);
                true
            }
            Ok(Product::Census(_)) => true,
            Err(failure) => !wish.is_of_hunt() || self.hunt_refused(failure),
        };
        self.note_capture(&wish, &result);
        if let Wish::Automatic(cause) = wish
            && self.automatic.ended(began, Instant::now(), result.as_ref().err())
        {
            self.postpone(cause);
            // A person has to know of deaths; that others capture or that a cool-down runs is the ordinary course of things.
            if !matches!(result, Err(Failure::BackingOff { .. })) {
                return;
            }
        }
        let reason = wish.reason();
        let asker = wish.asker();
        match result {
            Ok(Product::Census(counted)) => self.census_ended(asker, counted),
            Ok(Product::Snapshot(artifact)) => {
                let (id, ticket) = parted(asker);
                let event = Event::Snapshot { id, reason, artifact: *artifact };
                if let Some(ticket) = ticket {
                    ticket.answer(Ok(self.told_at_socket(&event)));
                }
                self.emit(event);
                if let Some(delivery) = &self.delivery {
                    delivery.ring();
                }
            }
            Err(failure) if is_told => self.refuse(asker, reason, &failure),
            Err(_) => {}
        }
    }

    /// Who has asked at the socket is told there and nowhere else: the app has nothing to do with it.
    fn refuse(&mut self, asker: Option<Asker>, reason: String, failure: &Failure) {
        match parted(asker) {
            (_, Some(ticket)) => ticket.answer(Err(refusal(failure))),
            (id, None) => self.emit(Event::skipped(id, reason, failure)),
        }
    }

    pub(super) fn postpone(&mut self, cause: Cause) {
        match cause {
            Cause::Rule(index) => self.rules[index].postponed(),
            Cause::Growth => self.growth.iter_mut().for_each(Growth::postponed),
            Cause::Class => self.censuses.iter_mut().for_each(Censuses::postponed),
            Cause::NearLimit(moment) => self.at_limit = Some(moment),
            // Its course asks again by itself.
            Cause::Hunt => {}
        }
    }

    pub(super) fn start_delivery(&self) -> Option<Delivery> {
        let config = &self.ends.config;
        let (rare, doorbell) = (self.ends.rare.clone(), Arc::clone(&self.ends.doorbell));
        let ask = Box::new(move |request: DeliverRequest| {
            let (path, sidecar, attempt) = (request.path.clone(), request.sidecar.clone(), request.attempt);
            // Should the queue be full, the request is dropped with the event, and delivery sees its answer's end.
            let _ = rare.try_send(Event::Deliver { path, sidecar, attempt, request: Some(request) });
            doorbell();
        });
        Delivery::start(config.deliver.clone()?, &config.dir, ask, self.say()).ok()
    }

    pub(super) fn say(&self) -> Say {
        let (rare, doorbell) = (self.ends.rare.clone(), Arc::clone(&self.ends.doorbell));
        Arc::new(move |failure: &Failure| {
            let _ = rare.try_send(Event::error(failure));
            doorbell();
        })
    }

    /// What the recorder knows at this moment, for a sidecar.
    fn recorded(&self) -> Value {
        let memory = os::memory::process_memory().unwrap_or_default();
        let cgroup = self.cgroup.as_ref().and_then(Cgroup::memory);
        let last: Vec<Value> = self.samples.iter().rev().take(TOLD).rev().map(Sample::document).collect();
        json!({
            "rssBytes": memory.resident,
            "peakRssBytes": memory.peak_resident,
            "cgroupLimitBytes": cgroup.map(|memory| memory.limit),
            "cgroupUsedBytes": cgroup.map(|memory| memory.used),
            "gc": self.gcs.document(),
            "samples": last,
        })
    }
}
