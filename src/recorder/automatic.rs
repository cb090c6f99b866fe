//! When leakhunt may capture by itself, as far as this process knows without looking at a file.

use super::near_limit::{NEAR_HEAP_LIMIT, NearLimit};
use crate::capture::Failure;
use crate::trigger::{Denied, Limits, LimitsState};
use std::time::Instant;

/// What made leakhunt want a snapshot.
#[derive(Clone, Copy, Debug)]
pub enum Cause {
    Rule(usize),
    Growth,
    /// A class, by the censuses.
    Class,
    /// An unattended hunt.
    Hunt,
    NearLimit(NearLimit),
}

impl Cause {
    pub fn reason(self) -> &'static str {
        match self {
            Self::Rule(_) => "threshold",
            Self::Growth | Self::Class | Self::Hunt => "growth",
            Self::NearLimit(_) => NEAR_HEAP_LIMIT,
        }
    }
}

pub enum Answer {
    Go,
    /// It may be so at a later sample, and nothing is said until then.
    Later,
    Never(Denied),
}

pub struct Automatic {
    limits: LimitsState,
    not_before: Option<Instant>,
}

impl Automatic {
    pub fn new(limits: Limits) -> Self {
        Self { limits: LimitsState::new(limits), not_before: None }
    }

    pub fn may_start(&mut self, now: Instant) -> Answer {
        if self.not_before.is_some_and(|not_before| now < not_before) {
            return Answer::Later;
        }
        match self.limits.allow(now) {
            Ok(()) => Answer::Go,
            Err(denied) if denied.again_in().is_some() => Answer::Later,
            Err(denied) => Answer::Never(denied),
        }
    }

    /// An attempt is over. `true` if there was none, and there is to be one later.
    pub fn ended(&mut self, began: Instant, now: Instant, failure: Option<&Failure>) -> bool {
        if let Some(wait) = failure.and_then(Failure::again_in) {
            self.not_before = now.checked_add(wait);
            return true;
        }
        match failure {
            Some(failure) if failure.is_refusal() => {}
            Some(failure) if failure.is_unbegun() => self.limits.given_up(now),
            _ => self.limits.made(began, now),
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn automatic() -> Automatic {
        Automatic::new(Limits {
            max_count: 2,
            window_ms: 1_000_000,
            cooldown_ms: 0,
            max_total_bytes: u64::MAX,
            min_free_disk_bytes: 0,
        })
    }

    #[test]
    fn what_was_put_off_is_not_asked_again_before_its_time() {
        let (mut automatic, now) = (automatic(), Instant::now());
        let failure = Failure::BackingOff { deaths: 1, left_ms: 5000, journal: "j".into() };
        assert!(automatic.ended(now, now, Some(&failure)));
        assert!(matches!(automatic.may_start(now + Duration::from_millis(4999)), Answer::Later));
        assert!(matches!(automatic.may_start(now + Duration::from_millis(5000)), Answer::Go));
    }

    #[test]
    fn a_refusal_does_not_count_and_a_failed_attempt_does() {
        let (mut automatic, now) = (automatic(), Instant::now());
        let refusal = Failure::CrashLoop { deaths: 3, journal: "j".into() };
        let failed = Failure::NotQuiet { forks: 1, waited_ms: 1 };
        for failure in [&refusal, &refusal, &refusal, &failed, &failed] {
            assert!(matches!(automatic.may_start(now), Answer::Go));
            assert!(!automatic.ended(now, now, Some(failure)));
        }
        assert!(matches!(automatic.may_start(now), Answer::Never(Denied::Count { count: 2, .. })));
    }

    #[test]
    fn what_there_was_no_place_for_takes_none_of_the_count_but_is_not_tried_again_at_once() {
        let mut automatic = Automatic::new(Limits {
            max_count: 2,
            window_ms: 1_000_000,
            cooldown_ms: 1000,
            max_total_bytes: u64::MAX,
            min_free_disk_bytes: 0,
        });
        let start = Instant::now();
        let failure = Failure::Directory { dir: "d".into(), error: std::io::ErrorKind::PermissionDenied.into() };
        for tries in 0..5 {
            let now = start + Duration::from_secs(tries);
            assert!(matches!(automatic.may_start(now), Answer::Go), "{tries}");
            assert!(!automatic.ended(now, now, Some(&failure)));
            assert!(matches!(automatic.may_start(now + Duration::from_millis(999)), Answer::Later));
        }
    }
}
