//! How often leakhunt may capture by itself. A capture that code asks for does not count and is not held up here.
//!
//! The same judgement is made twice: over what this process remembers, by a clock that nobody can set, before a file is looked at; and over what the journal
//! tells of all processes that share the directory. Either can say no, so neither a restart nor a clock that jumps gives more captures than are allowed.

use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use thiserror::Error;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// So many automatic captures in any window.
    pub max_count: usize,
    pub window_ms: u64,
    /// The least time from the end of one capture to the start of the next.
    pub cooldown_ms: u64,
    /// What the automatic snapshots in the directory may take on disk, together.
    pub max_total_bytes: u64,
    /// What has to be free on the file system before one starts. This one holds for captures asked for by code too.
    pub min_free_disk_bytes: u64,
}

/// Why an automatic capture has to wait.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Denied {
    #[error(
        "{count} automatic captures were made within limits.windowMs, {window_ms} ms, and limits.maxCount is {allowed}"
    )]
    Count { count: usize, allowed: usize, window_ms: u64 },
    #[error("the last automatic capture ended less than limits.cooldownMs ago: {} ms more", .left.as_millis())]
    Cooldown { left: Duration },
    #[error("automatic snapshots take {taken} bytes in the directory, and limits.maxTotalBytes is {allowed}")]
    TotalBytes { taken: u64, allowed: u64 },
}

impl Denied {
    pub fn figures(&self) -> Value {
        match self {
            Self::Count { count, allowed, window_ms } => {
                json!({ "count": count, "maxCount": allowed, "windowMs": window_ms })
            }
            Self::Cooldown { left } => json!({ "leftMs": left.as_millis() as u64 }),
            Self::TotalBytes { taken, allowed } => json!({ "totalBytes": taken, "maxTotalBytes": allowed }),
        }
    }

    /// A cool-down passes while the reason to capture lasts; the other two are told, and the trigger has to come again.
    pub fn again_in(&self) -> Option<Duration> {
        match self {
            Self::Cooldown { left } => Some(*left),
            Self::Count { .. } | Self::TotalBytes { .. } => None,
        }
    }
}

/// The automatic captures of the past, as far back as is known.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// How long ago each of them began.
    pub began: Vec<Duration>,
    /// How long ago the last one ended.
    pub ended: Option<Duration>,
    /// What those that are still there take on disk.
    pub bytes: u64,
}

impl Limits {
    pub fn allow(&self, past: &Past) -> Result<(), Denied> {
        let window = Duration::from_millis(self.window_ms);
        let count = past.began.iter().filter(|ago| **ago < window).count();
        if count >= self.max_count {
            return Err(Denied::Count { count, allowed: self.max_count, window_ms: self.window_ms });
        }
        let cooldown = Duration::from_millis(self.cooldown_ms);
        if let Some(left) = past.ended.and_then(|ago| cooldown.checked_sub(ago)).filter(|left| !left.is_zero()) {
            return Err(Denied::Cooldown { left });
        }
        if past.bytes >= self.max_total_bytes {
            return Err(Denied::TotalBytes { taken: past.bytes, allowed: self.max_total_bytes });
        }
        Ok(())
    }
}

/// What this process remembers.
#[derive(Debug)]
pub struct LimitsState {
    limits: Limits,
    began: VecDeque<Instant>,
    last_end: Option<Instant>,
}

impl LimitsState {
    pub fn new(limits: Limits) -> Self {
        Self { limits, began: VecDeque::new(), last_end: None }
    }

    pub fn allow(&mut self, now: Instant) -> Result<(), Denied> {
        let window = Duration::from_millis(self.limits.window_ms);
        while self.began.front().is_some_and(|began| now.duration_since(*began) >= window) {
            self.began.pop_front();
        }
        let ago = |at: &Instant| now.duration_since(*at);
        let past =
            Past { began: self.began.iter().map(ago).collect(), ended: self.last_end.as_ref().map(ago), bytes: 0 };
        self.limits.allow(&past)
    }

    /// An automatic capture was made. One that failed counts too: a process that cannot be captured is not to be tried without end.
    pub fn made(&mut self, began: Instant, ended: Instant) {
        self.began.push_back(began);
        self.last_end = Some(ended);
    }

    /// One was given up before anything was forked, for a reason that may pass. It takes none of `max_count`, but is not asked for again at once.
    pub fn given_up(&mut self, at: Instant) {
        self.last_end = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { max_count: 2, window_ms: 10_000, cooldown_ms: 1000, max_total_bytes: 500, min_free_disk_bytes: 0 };

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_window_lets_captures_in_again_when_it_has_passed() {
        let (mut state, start) = (LimitsState::new(LIMITS), Instant::now());
        state.made(start, start);
        state.made(start + seconds(1), start + seconds(1));
        let denied = Denied::Count { count: 2, allowed: 2, window_ms: 10_000 };
        assert_eq!(state.allow(start + seconds(9)), Err(denied));
        assert_eq!(state.allow(start + seconds(10)), Ok(()));
    }

    #[test]
    fn the_cooldown_runs_from_the_end() {
        let (mut state, start) = (LimitsState::new(LIMITS), Instant::now());
        state.made(start, start + seconds(5));
        let left = Duration::from_millis(1);
        assert_eq!(state.allow(start + Duration::from_millis(5999)), Err(Denied::Cooldown { left }));
        assert_eq!(state.allow(start + seconds(6)), Ok(()));
    }

    #[test]
    fn the_captures_of_others_count_as_much() {
        let past = |began: &[u64], ended: Option<u64>, bytes: u64| Past {
            began: began.iter().copied().map(seconds).collect(),
            ended: ended.map(seconds),
            bytes,
        };
        assert_eq!(LIMITS.allow(&past(&[3600, 5], Some(5), 499)), Ok(()));
        assert!(matches!(LIMITS.allow(&past(&[3600, 9, 5], Some(5), 0)), Err(Denied::Count { count: 2, .. })));
        assert_eq!(LIMITS.allow(&past(&[5], Some(0), 0)), Err(Denied::Cooldown { left: seconds(1) }));
        let denied = Denied::TotalBytes { taken: 500, allowed: 500 };
        assert_eq!(LIMITS.allow(&past(&[], None, 500)), Err(denied));
    }

    #[test]
    fn what_lies_in_the_future_counts_as_now() {
        // The journal tells ages, and none is below zero: see `capture::journal::Moment`.
        let past = Past { began: vec![Duration::ZERO; 2], ..Past::default() };
        assert!(matches!(LIMITS.allow(&past), Err(Denied::Count { .. })));
    }
}
