//! The course of one unattended hunt, from the word of the leak line that something grows to a verdict, as a machine of states that knows no file, thread
//! or clock: moments are handed in.
//!
//! A snapshot when the live set grows by the rule of [`growth`](super::growth); a second when it has grown by as much as that rule calls significant; a third when
//! it has grown by as much again, so that the analysis compares equal intervals and can tell a straight line from a curve that flattens. Then the analysis. Where its
//! answer is not sure there is another interval, up to five snapshots in all.
//!
//! What is refused is asked for again, and what stops growing is waited for, each for no longer than the patience. However a hunt ends, a rest follows, in which the leak
//! line is not listened to: longer where nothing was found, and longer each time.

use super::growth::{LEAST_BYTES, LEAST_SHARE};
use std::time::{Duration, Instant};

/// Two intervals show whether the second is like the first. Beyond five snapshots a hunt is no longer worth its disk.
const FEWEST: usize = 3;
const MOST: usize = 5;
/// With little room up to the heap's limit the intervals shrink, but not below this part of what is significant: chance would fill them.
const LEAST_PART: u64 = 4;
/// A rise by this part of the interval counts as movement.
const MOVEMENT: u64 = 10;
/// What was refused is asked for again after this part of the patience, within bounds.
const RETRIES: u32 = 32;
const SHORTEST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(300);
/// How much longer the rest is after a hunt that found nothing.
const IN_VAIN: u32 = 4;
const LONGEST_REST: Duration = Duration::from_secs(24 * 3600);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long growth may stand still, and how long a snapshot or the analysis may be refused.
    pub patience: Duration,
    /// The rest after a verdict.
    pub rest: Duration,
}

/// What the hunt wants at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    Nothing,
    /// The snapshot of this number, beginning with 1.
    Capture(usize),
    Analysis,
    /// It has ended by itself.
    Ended(Why),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    GrowthStopped,
    /// A snapshot, or room for the analysis, was refused for as long as the patience lasts.
    Refused,
}

/// What the analysis has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// How often this leak has been found by now.
    Leak {
        times: u32,
    },
    NoLeak,
    Inconclusive,
}

#[derive(Debug)]
pub struct Pursuit {
    terms: Patience,
    open: Option<Open>,
    rest_until: Option<Instant>,
    /// Hunts in a row that have found nothing.
    in_vain: u32,
}

/// A hunt under way.
#[derive(Debug)]
struct Open {
    /// The live set at each snapshot.
    taken: Vec<u64>,
    /// The next one is due when the live set has held this.
    aim: u64,
    last: Option<u64>,
    /// The lower of the last two live sets: a single request must not make a snapshot.
    held: u64,
    highest: u64,
    moved: Instant,
    /// There are enough for the analysis.
    is_ripe: bool,
    /// A capture or the analysis is under way.
    is_busy: bool,
    not_before: Option<Instant>,
    due_since: Option<Instant>,
}

impl Pursuit {
    pub fn new(terms: Patience) -> Self {
        Self { terms, open: None, rest_until: None, in_vain: 0 }
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Takes the live set after a full collection, and whether the leak line calls it growing. `true` if a hunt begins.
    pub fn observe(&mut self, now: Instant, live: u64, grows: bool) -> bool {
        if let Some(open) = &mut self.open {
            open.observe(now, live);
            return false;
        }
        if !grows || self.rest_until.is_some_and(|until| now < until) {
            return false;
        }
        self.open = Some(Open::begin(now, live));
        true
    }

    pub fn due(&mut self, now: Instant) -> Due {
        let Some(open) = &mut self.open else { return Due::Nothing };
        let due = open.due(now, self.terms.patience);
        if let Due::Ended(why) = due {
            let rest = self.terms.rest;
            match why {
                Why::GrowthStopped => self.end(now, rest),
                Why::Refused => self.end_in_vain(now),
            }
        }
        due
    }

    /// What was due has been begun.
    pub fn begun(&mut self) {
        if let Some(open) = &mut self.open {
            open.is_busy = true;
        }
    }

    /// What was due was refused, or came to nothing. `again_in` is when to ask again, where that is known.
    pub fn refused(&mut self, now: Instant, again_in: Option<Duration>) {
        let retry = (self.terms.patience / RETRIES).clamp(SHORTEST_RETRY, LONGEST_RETRY);
        if let Some(open) = &mut self.open {
            open.is_busy = false;
            open.not_before = now.checked_add(again_in.unwrap_or(retry));
        }
    }

    /// The snapshot is there. `live` is the live set that it shows, `room` what is left up to the heap's limit.
    pub fn captured(&mut self, now: Instant, live: u64, room: u64) {
        if let Some(open) = &mut self.open {
            open.captured(now, live, room);
        }
    }

    /// A snapshot that something else has triggered. `true` if it serves as the next one of this hunt.
    pub fn adopt(&mut self, now: Instant, live: u64, room: u64) -> bool {
        let Some(open) = &mut self.open else { return false };
        let serves = !open.is_busy && !open.is_ripe && open.is_half_way(live);
        if serves {
            open.captured(now, live, room);
        }
        serves
    }

    /// The analysis has answered. `true` if the hunt goes on, for another snapshot.
    pub fn judged(&mut self, now: Instant, judgement: Judgement, room: u64) -> bool {
        let Some(open) = &mut self.open else { return false };
        match judgement {
            Judgement::Inconclusive if open.taken.len() < MOST => {
                open.follow(now, room);
                return true;
            }
            Judgement::Leak { times } => {
                self.in_vain = 0;
                let rest = doubled(self.terms.rest, times.saturating_sub(1));
                self.end(now, rest);
            }
            Judgement::NoLeak | Judgement::Inconclusive => self.end_in_vain(now),
        }
        false
    }

    /// There is to be no verdict.
    pub fn failed(&mut self, now: Instant) {
        self.end_in_vain(now);
    }

    /// Others see to it. The leak line is listened to again after a rest, or when they are known to be done.
    pub fn left(&mut self, now: Instant, done_in: Option<Duration>) {
        let rest = self.terms.rest;
        self.end(now, done_in.unwrap_or(rest));
    }

    /// When the leak line is listened to again.
    pub fn rests_for(&self, now: Instant) -> Duration {
        self.rest_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    fn end_in_vain(&mut self, now: Instant) {
        let rest = doubled(self.terms.rest.saturating_mul(IN_VAIN), self.in_vain);
        self.in_vain = self.in_vain.saturating_add(1);
        self.end(now, rest);
    }

    fn end(&mut self, now: Instant, rest: Duration) {
        self.open = None;
        self.rest_until = now.checked_add(rest);
    }
}

fn doubled(rest: Duration, times: u32) -> Duration {
    rest.saturating_mul(1 << times.min(16)).min(LONGEST_REST.max(rest))
}

impl Open {
    fn begin(now: Instant, live: u64) -> Self {
        Self {
            taken: Vec::new(),
            aim: 0,
            last: Some(live),
            held: live,
            highest: live,
            moved: now,
            is_ripe: false,
            is_busy: false,
            not_before: None,
            due_since: None,
        }
    }

    fn observe(&mut self, now: Instant, live: u64) {
        self.held = self.last.map_or(0, |last| last.min(live));
        self.last = Some(live);
        let base = self.taken.last().copied().unwrap_or(0);
        if live > self.highest.saturating_add(self.aim.saturating_sub(base) / MOVEMENT) {
            self.highest = live;
            self.moved = now;
        }
    }

    fn due(&mut self, now: Instant, patience: Duration) -> Due {
        if self.is_busy {
            return Due::Nothing;
        }
        let wanted = if self.is_ripe { Due::Analysis } else { Due::Capture(self.taken.len() + 1) };
        if !self.is_ripe && self.held < self.aim {
            self.due_since = None;
            let waited = now.saturating_duration_since(self.moved);
            return if waited < patience { Due::Nothing } else { Due::Ended(Why::GrowthStopped) };
        }
        if now.saturating_duration_since(*self.due_since.get_or_insert(now)) >= patience {
            return Due::Ended(Why::Refused);
        }
        if self.not_before.is_some_and(|not_before| now < not_before) { Due::Nothing } else { wanted }
    }

    fn is_half_way(&self, live: u64) -> bool {
        self.taken.last().is_some_and(|base| live >= base + self.aim.saturating_sub(*base) / 2)
    }

    fn captured(&mut self, now: Instant, live: u64, room: u64) {
        self.taken.push(live);
        self.follow(now, room);
        self.is_ripe = self.taken.len() >= FEWEST;
    }

    /// Sets out for the next snapshot.
    fn follow(&mut self, now: Instant, room: u64) {
        let base = self.taken.last().copied().unwrap_or(0);
        let significant = (LEAST_BYTES as u64).max((base as f64 * LEAST_SHARE) as u64);
        let interval = match self.taken[..] {
            [.., before, last] => last.saturating_sub(before),
            _ => significant,
        };
        let to_come = FEWEST.saturating_sub(self.taken.len()).max(1) as u64;
        let step = interval.min(room / (to_come + 1)).max(significant / LEAST_PART);
        *self =
            Self { taken: std::mem::take(&mut self.taken), aim: base.saturating_add(step), ..Self::begin(now, base) };
        // What was seen before the snapshot says nothing of what grows after it.
        self.last = None;
        self.held = 0;
    }
}

#[cfg(test)]
#[path = "pursuit_tests.rs"]
mod tests;
