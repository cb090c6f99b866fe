//! How often leakhunt may capture by itself. A capture that code asks for does not count and is not held up here.

use serde::Deserialize;
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
    /// What this process's automatic captures may take on disk, together.
    pub max_total_bytes: u64,
    /// What has to be free on the file system before one starts. This one holds for captures asked for by code too.
    pub min_free_disk_bytes: u64,
}

/// Why an automatic capture has to wait.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Denied {
    #[error("{0} automatic captures were made within the window, as many as limits.maxCount allows")]
    Count(usize),
    #[error("the last capture ended less than limits.cooldownMs ago")]
    Cooldown,
    #[error("automatic captures have written {written} bytes, and limits.maxTotalBytes is {allowed}")]
    TotalBytes { written: u64, allowed: u64 },
}

#[derive(Debug)]
pub struct LimitsState {
    limits: Limits,
    started: VecDeque<Instant>,
    last_end: Option<Instant>,
    written: u64,
}

impl LimitsState {
    pub fn new(limits: Limits) -> Self {
        Self { limits, started: VecDeque::new(), last_end: None, written: 0 }
    }

    pub fn allow(&mut self, now: Instant) -> Result<(), Denied> {
        let window = Duration::from_millis(self.limits.window_ms);
        while self.started.front().is_some_and(|start| now.duration_since(*start) >= window) {
            self.started.pop_front();
        }
        if self.started.len() >= self.limits.max_count {
            return Err(Denied::Count(self.started.len()));
        }
        let cooldown = Duration::from_millis(self.limits.cooldown_ms);
        if self.last_end.is_some_and(|end| now.duration_since(end) < cooldown) {
            return Err(Denied::Cooldown);
        }
        if self.written >= self.limits.max_total_bytes {
            return Err(Denied::TotalBytes { written: self.written, allowed: self.limits.max_total_bytes });
        }
        Ok(())
    }

    /// An automatic capture begins. One that fails counts too: a process that cannot be captured is not to be tried without end.
    pub fn started(&mut self, now: Instant) {
        self.started.push_back(now);
    }

    pub fn ended(&mut self, now: Instant, bytes: u64) {
        self.last_end = Some(now);
        self.written += bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> LimitsState {
        LimitsState::new(Limits {
            max_count: 2,
            window_ms: 10_000,
            cooldown_ms: 1000,
            max_total_bytes: 500,
            min_free_disk_bytes: 0,
        })
    }

    #[test]
    fn the_window_lets_captures_in_again_when_it_has_passed() {
        let (mut state, start) = (state(), Instant::now());
        state.started(start);
        state.started(start + Duration::from_secs(1));
        assert_eq!(state.allow(start + Duration::from_secs(9)), Err(Denied::Count(2)));
        assert_eq!(state.allow(start + Duration::from_secs(10)), Ok(()));
    }

    #[test]
    fn the_cooldown_runs_from_the_end() {
        let (mut state, start) = (state(), Instant::now());
        state.started(start);
        state.ended(start + Duration::from_secs(5), 10);
        assert_eq!(state.allow(start + Duration::from_millis(5999)), Err(Denied::Cooldown));
        assert_eq!(state.allow(start + Duration::from_secs(6)), Ok(()));
    }

    #[test]
    fn the_bytes_written_are_bounded() {
        let (mut state, start) = (state(), Instant::now());
        state.ended(start, 500);
        let denied = state.allow(start + Duration::from_secs(2));
        assert_eq!(denied, Err(Denied::TotalBytes { written: 500, allowed: 500 }));
    }
}
