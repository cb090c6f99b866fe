//! When something was, told so that it can be judged later, by another process, on a machine whose wall clock has been set meanwhile.

use crate::os;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// Milliseconds since 1970 by the wall clock.
    pub at_ms: u64,
    /// The boot of the machine, and the time since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_boot_ms: Option<u64>,
}

impl Moment {
    pub fn now() -> Self {
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            at_ms: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, milliseconds),
            boot_id: os::boot_id().map(str::to_owned),
            since_boot_ms: os::since_boot().map(milliseconds),
        }
    }

    /// How long ago this was, seen from `now`. Within one boot of one machine the clock that nobody can set decides; else it is the wall clock, and what
    /// seems to lie in the future counts as now.
    pub fn age(&self, now: &Self) -> Duration {
        let boots = (self.boot_id.as_ref().zip(self.since_boot_ms), now.boot_id.as_ref().zip(now.since_boot_ms));
        let (then, now) = match boots {
            (Some((boot, then)), Some((same, now))) if boot == same => (then, now),
            _ => (self.at_ms, now.at_ms),
        };
        Duration::from_millis(now.saturating_sub(then))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(at_ms: u64, boot: &str, since_boot_ms: u64) -> Moment {
        Moment { at_ms, boot_id: Some(boot.to_owned()), since_boot_ms: Some(since_boot_ms) }
    }

    #[test]
    fn within_one_boot_the_wall_clock_may_jump_in_either_direction() {
        let then = moment(1_000_000, "a", 5000);
        for wall in [0, 1_000_000, u64::MAX] {
            assert_eq!(then.age(&moment(wall, "a", 5250)), Duration::from_millis(250));
        }
    }

    #[test]
    fn across_boots_the_wall_clock_counts_and_the_future_is_now() {
        let then = moment(1_000_000, "a", 5000);
        assert_eq!(then.age(&moment(1_000_700, "b", 10)), Duration::from_millis(700));
        assert_eq!(then.age(&moment(999_000, "b", 10)), Duration::ZERO);
        assert_eq!(Moment { at_ms: 5, ..Moment::default() }.age(&moment(9, "b", 1)), Duration::from_millis(4));
    }

    #[test]
    fn now_is_in_this_boot() {
        let now = Moment::now();
        assert!(now.boot_id.is_some() && now.since_boot_ms.is_some() && now.at_ms > 1_600_000_000_000);
    }
}
