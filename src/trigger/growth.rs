//! Significant growth of the live set: what a leak looks like before any threshold is near.
//!
//! The live set is the used heap right after a full collection. Its last values are tested for an upward trend by Mann and Kendall's
//! test (Mann, Econometrica 1945; Kendall, Rank Correlation Methods, 1948): it compares every pair, so one spike or one large request moves it little, where a
//! line through the end points would follow them. The amount is Theil and Sen's slope, the median over all pairs.

use serde::Serialize;
use std::collections::VecDeque;

/// Enough for the test to be able to reach its level (six rising values give z = 2.6), few enough to speak of the last minutes.
const FEWEST: usize = 6;
const MOST: usize = 12;
/// One-sided 1 per cent.
const Z: f64 = 2.326;
/// Growth below both is the noise of caches and compiled code.
pub(super) const LEAST_BYTES: f64 = 16.0 * 1024.0 * 1024.0;
pub(super) const LEAST_SHARE: f64 = 0.2;

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GrowthFound {
    /// The live set now.
    pub live_bytes: u64,
    /// How much it rose over the collections looked at.
    pub grown_bytes: u64,
    pub collections: usize,
}

#[derive(Debug, Default)]
pub struct Growth {
    live: VecDeque<u64>,
    acted_on: VecDeque<u64>,
}

impl Growth {
    /// Takes the live set after a full collection.
    pub fn observe(&mut self, live: u64) -> Option<GrowthFound> {
        if self.live.len() == MOST {
            self.live.pop_front();
        }
        self.live.push_back(live);
        let values: Vec<f64> = self.live.iter().map(|value| *value as f64).collect();
        if values.len() < FEWEST || z_score(&values) < Z {
            return None;
        }
        let grown = median_slope(&values) * (values.len() - 1) as f64;
        let significant = grown >= LEAST_BYTES && grown >= LEAST_SHARE * values[0];
        significant.then_some(GrowthFound { live_bytes: live, grown_bytes: grown as u64, collections: values.len() })
    }

    /// Starts over, so that the next finding rests on new values alone.
    pub fn acted(&mut self) {
        self.acted_on = std::mem::take(&mut self.live);
    }

    /// What was to be done could not be done yet: the values count on.
    pub fn postponed(&mut self) {
        let newer = std::mem::replace(&mut self.live, std::mem::take(&mut self.acted_on));
        self.live.extend(newer);
        self.live.drain(..self.live.len().saturating_sub(MOST));
    }
}

fn pairs(values: &[f64]) -> impl Iterator<Item = (usize, usize)> {
    let length = values.len();
    (0..length).flat_map(move |first| (first + 1..length).map(move |second| (first, second)))
}

/// Mann and Kendall's S over its deviation, with the correction for continuity. Ties count for neither side.
pub(super) fn z_score(values: &[f64]) -> f64 {
    let s: f64 =
        pairs(values).map(|(first, second)| (values[second] - values[first]).total_cmp(&0.0) as i8 as f64).sum();
    let n = values.len() as f64;
    let deviation = (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    if s == 0.0 { 0.0 } else { (s - s.signum()) / deviation }
}

pub(super) fn median_slope(values: &[f64]) -> f64 {
    let mut slopes: Vec<f64> =
        pairs(values).map(|(first, second)| (values[second] - values[first]) / (second - first) as f64).collect();
    slopes.sort_by(f64::total_cmp);
    slopes[slopes.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1 << 20;

    fn found(values: &[u64]) -> bool {
        let mut growth = Growth::default();
        values.iter().any(|value| growth.observe(value * MB).is_some())
    }

    #[test]
    fn a_steady_rise_is_found() {
        assert!(found(&[50, 60, 70, 80, 90, 100]));
    }

    #[test]
    fn a_noisy_rise_is_found() {
        assert!(found(&[50, 48, 60, 57, 72, 70, 85, 83, 95, 99, 110, 108]));
    }

    #[test]
    fn a_flat_heap_with_spikes_is_not() {
        assert!(!found(&[50, 51, 120, 50, 49, 50, 118, 51, 50, 49, 52, 50, 51, 119]));
    }

    #[test]
    fn a_cache_that_levels_off_is_not_for_long() {
        let mut growth = Growth::default();
        for value in [50, 70, 80, 84, 84, 83, 84, 85, 84, 83, 84, 84, 84, 83, 84, 83] {
            growth.observe(value * MB);
        }
        assert_eq!(growth.observe(84 * MB), None);
    }

    #[test]
    fn a_rise_of_little_is_not() {
        assert!(!found(&[100, 101, 102, 103, 104, 105, 106, 107]));
    }

    #[test]
    fn equal_values_have_no_trend() {
        assert_eq!(z_score(&[1.0; 8]), 0.0);
    }
}
