//! The unattended hunt as the background thread drives it: each look asks its course what is due.

use super::Background;
use super::captures::Wish;
use crate::capture::{Analysis, Artifact, Case, Failure, Finding, NoVerdict};
use crate::recorder::automatic::{Answer, Cause};
use crate::recorder::event::Event;
use crate::recorder::hunting::Judging;
use crate::trigger::{Due, GrowthFound};
use crossbeam_channel::{TryRecvError, bounded};
use serde_json::{Value, json};
use std::time::Instant;

impl Background {
    /// `true` if a hunt begins with this live set, and so takes care of the growth.
    pub(super) fn hunt_observes(&mut self, live: u64, found: Option<GrowthFound>) -> bool {
        let Some(hunting) = &mut self.hunting else { return false };
        let begins = hunting.observe(Instant::now(), live, found.is_some());
        if begins {
            self.hunt_began = found.map_or_else(|| json!({}), |found| json!(found));
        }
        begins
    }

    /// Begins what is due.
    pub(super) fn look_at_hunt(&mut self) {
        self.reap_analysis();
        let now = Instant::now();
        let Some(hunting) = &mut self.hunting else { return };
        match hunting.pursuit.due(now) {
            Due::Nothing => {}
            Due::Capture(number) => self.hunt_captures(number),
            Due::Analysis => self.start_analysis(),
            Due::Ended(why) => {
                let end = hunting.ended(now, why);
                self.emit(Event::StoodDown(end));
            }
        }
    }

    fn hunt_captures(&mut self, number: usize) {
        if self.running.is_some() {
            return;
        }
        let cause = Cause::Hunt;
        let result = match self.automatic.may_start(Instant::now()) {
            Answer::Go => self.capture(Wish::Automatic(cause), self.hunt_trigger(number)),
            Answer::Later => return,
            Answer::Never(denied) => Err(Failure::Limit(denied)),
        };
        match result {
            Ok(()) => self.hunting.iter_mut().for_each(|hunting| hunting.pursuit.begun()),
            Err(failure) => {
                if self.hunt_refused(&failure) {
                    self.emit(Event::skipped(None, cause.reason().to_owned(), &failure));
                }
            }
        }
    }

    /// For the sidecar: which snapshot of a hunt it is, and what the leak line or the censuses said.
    fn hunt_trigger(&self, number: usize) -> Value {
        let mut trigger = self.hunt_began.clone();
        trigger["huntSnapshot"] = number.into();
        trigger
    }

    /// `true` if it is to be told: it is asked for again and again, and says the same each time.
    pub(super) fn hunt_refused(&mut self, failure: &Failure) -> bool {
        let refused = |hunting: &mut super::Hunting| {
            hunting.refused(Instant::now(), failure.again_in(), failure.code(), failure.to_string())
        };
        self.hunting.as_mut().is_some_and(refused)
    }

    /// The directory is another hunt's.
    pub(super) fn leave_hunt(&mut self, failure: &Failure) {
        if let Some(end) = self.hunting.as_mut().map(|hunting| hunting.left_to_others(Instant::now(), failure)) {
            self.emit(Event::StoodDown(end));
        }
    }

    /// An automatic snapshot is there, whatever it was taken for. `live` is the live set when it was begun.
    pub(super) fn hunt_takes(&mut self, wish: &Wish, artifact: &Artifact, live: u64) {
        let limit = self.heap_limit();
        let Some(hunting) = &mut self.hunting else { return };
        match wish {
            Wish::Automatic(Cause::Hunt) => hunting.captured(Instant::now(), artifact, live, limit),
            Wish::Automatic(_) => hunting.adopt(Instant::now(), artifact, live, limit),
            // It may be redacted otherwise.
            Wish::Asked { .. } | Wish::Census { .. } => {}
        }
    }

    fn heap_limit(&self) -> u64 {
        self.samples.iter().last().map_or(u64::MAX, |sample| sample.heap_limit)
    }

    fn start_analysis(&mut self) {
        let config = &self.ends.config;
        let Some(hunting) = &mut self.hunting else { return };
        let case = Case {
            snapshots: hunting.snapshots().to_vec(),
            dir: config.dir.clone(),
            analyst: hunting.analyst.clone(),
            capture: config.capture.clone(),
        };
        let (sender, ended) = bounded(1);
        let this_thread = std::thread::current();
        let started = Analysis::start(case, move |result| {
            // One slot, one result.
            drop(sender.try_send(result));
            this_thread.unpark();
        });
        match started {
            Ok(analysis) => {
                hunting.pursuit.begun();
                hunting.analysis = Some(Judging { _analysis: analysis, ended });
            }
            Err(problem) => self.no_verdict(&problem),
        }
    }

    fn reap_analysis(&mut self) {
        let Some(hunting) = &mut self.hunting else { return };
        let Some(Judging { ended, .. }) = &hunting.analysis else { return };
        let result = match ended.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Disconnected) => Err(NoVerdict::Stopped),
            Err(TryRecvError::Empty) => return,
        };
        hunting.analysis = None;
        match result {
            Ok(finding) => self.found(finding),
            Err(problem) => self.no_verdict(&problem),
        }
    }

    fn found(&mut self, finding: Finding) {
        let limit = self.heap_limit();
        match self.hunting.as_mut().and_then(|hunting| hunting.judged(Instant::now(), finding, limit)) {
            Some(Ok(found)) => self.emit(Event::Leak(found)),
            Some(Err(end)) => self.emit(Event::StoodDown(end)),
            None => {}
        }
    }

    fn no_verdict(&mut self, problem: &NoVerdict) {
        let now = Instant::now();
        let Some(hunting) = &mut self.hunting else { return };
        let Some(again_in) = problem.is_put_off() else {
            let end = hunting.failed(now, problem);
            self.emit(Event::StoodDown(end));
            return;
        };
        if hunting.refused(now, again_in, problem.code(), problem.to_string()) {
            self.emit(Event::Skipped {
                id: None,
                reason: "analysis".to_owned(),
                code: problem.code(),
                message: problem.to_string(),
                figures: problem.figures(),
            });
        }
    }
}
