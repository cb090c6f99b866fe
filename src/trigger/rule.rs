//! A threshold with patience: held for N samples before it counts, and quiet afterwards until something has changed.

use serde::{Deserialize, Serialize};

/// What a rule watches. Bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Metric {
    /// V8's used heap; per cent of `heap_size_limit`.
    HeapUsed,
    /// The resident set; per cent of the cgroup's limit.
    Rss,
    /// V8's external memory: array buffers and what native objects declare.
    External,
    /// The used heap after a full collection, less what it was at the first one; per cent of that first one. Samples are full collections.
    LiveSetGrowth,
}

/// A rule as configured; validated before it gets here.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    pub metric: Metric,
    pub above_bytes: Option<u64>,
    pub above_percent: Option<f64>,
    /// So many samples in a row have to be at or above the threshold.
    pub samples: u32,
    /// Once fired, the rule is armed again when the value falls this far below the threshold,
    pub hysteresis_percent: f64,
    /// or when it has grown this far beyond the value at which it fired.
    pub step_percent: f64,
}

/// What 100 per cent are; `None` where there is no limit, and then a rule in per cent stays silent.
pub type Whole = Option<u64>;

/// A threshold that has been held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Crossing {
    pub metric: Metric,
    pub value_bytes: u64,
    pub limit_bytes: u64,
    pub samples: u32,
}

/// A rule with its memory.
#[derive(Debug)]
pub struct RuleState {
    rule: Rule,
    held: u32,
    fired_at: Option<u64>,
    fired_before: Option<u64>,
}

impl RuleState {
    pub fn new(rule: Rule) -> Self {
        Self { rule, held: 0, fired_at: None, fired_before: None }
    }

    pub fn metric(&self) -> Metric {
        self.rule.metric
    }

    /// Takes a sample. Answers with the crossing at every sample for which the threshold is held, until [`RuleState::fired`] is told:
    /// a capture that has to wait for a cool-down is then not lost.
    pub fn observe(&mut self, value: u64, whole: Whole) -> Option<Crossing> {
        let threshold = self.threshold(whole)?;
        if let Some(fired_at) = self.fired_at {
            let rearm_below = threshold as f64 * (1.0 - self.rule.hysteresis_percent / 100.0);
            if (value as f64) < rearm_below {
                self.fired_at = None;
                self.held = 0;
                return None;
            }
            let step_up = fired_at as f64 * (1.0 + self.rule.step_percent / 100.0);
            if (value as f64) < step_up {
                self.held = 0;
                return None;
            }
        } else if value < threshold {
            self.held = 0;
            return None;
        }
        self.held = self.held.saturating_add(1);
        (self.held >= self.rule.samples).then_some(Crossing {
            metric: self.rule.metric,
            value_bytes: value,
            limit_bytes: threshold,
            samples: self.held,
        })
    }

    /// The crossing has been acted on at `value`.
    pub fn fired(&mut self, value: u64) {
        self.fired_before = self.fired_at.replace(value);
        self.held = 0;
    }

    /// What was to be done could not be done yet: the crossing is there again with the next sample for which the threshold is held.
    pub fn postponed(&mut self) {
        self.fired_at = self.fired_before;
        self.held = self.rule.samples;
    }

    fn threshold(&self, whole: Whole) -> Option<u64> {
        match (self.rule.above_bytes, self.rule.above_percent) {
            (Some(bytes), _) => Some(bytes),
            (None, Some(percent)) => whole.map(|whole| (whole as f64 * percent / 100.0) as u64),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(samples: u32) -> RuleState {
        RuleState::new(Rule {
            metric: Metric::HeapUsed,
            above_bytes: Some(1000),
            above_percent: None,
            samples,
            hysteresis_percent: 10.0,
            step_percent: 20.0,
        })
    }

    /// Which of `values` are crossings, when each one is acted on at once.
    fn crossings(state: &mut RuleState, values: &[u64]) -> Vec<bool> {
        let mut act = |value: &u64| {
            let crossed = state.observe(*value, None).is_some();
            if crossed {
                state.fired(*value);
            }
            crossed
        };
        values.iter().map(&mut act).collect()
    }

    #[test]
    fn one_sample_above_is_not_a_crossing() {
        assert_eq!(crossings(&mut rule(3), &[900, 1200, 900, 1200, 1200, 900]), [false; 6]);
    }

    #[test]
    fn a_threshold_held_for_all_samples_is() {
        assert_eq!(crossings(&mut rule(3), &[1000, 1000, 1000]), [false, false, true]);
    }

    #[test]
    fn a_value_that_hovers_at_the_threshold_fires_once() {
        assert_eq!(crossings(&mut rule(1), &[1000, 950, 1000, 950, 1000]), [true, false, false, false, false]);
    }

    #[test]
    fn a_value_that_fell_below_the_hysteresis_arms_it_again() {
        assert_eq!(crossings(&mut rule(1), &[1000, 899, 1000]), [true, false, true]);
    }

    #[test]
    fn a_value_that_keeps_growing_fires_once_for_each_step() {
        assert_eq!(
            crossings(&mut rule(1), &[1000, 1100, 1199, 1200, 1300, 1440]),
            [true, false, false, true, false, true]
        );
    }

    #[test]
    fn a_crossing_that_nobody_acted_on_stays() {
        let mut state = rule(2);
        assert!(state.observe(1000, None).is_none());
        assert!(state.observe(1000, None).is_some());
        assert_eq!(state.observe(1001, None).map(|crossing| crossing.samples), Some(3));
    }

    #[test]
    fn a_crossing_that_was_postponed_is_there_again_at_the_next_sample() {
        let mut state = rule(2);
        assert_eq!(crossings(&mut state, &[1000, 1000]), [false, true]);
        state.postponed();
        assert_eq!(crossings(&mut state, &[1000, 1000]), [true, false]);
        state.postponed();
        assert_eq!(crossings(&mut state, &[999, 1000, 1000]), [false, false, true], "but it has to be held");
    }

    #[test]
    fn per_cent_needs_a_whole() {
        let mut state = rule(1);
        state.rule = Rule { above_bytes: None, above_percent: Some(85.0), ..state.rule };
        assert!(state.observe(9000, None).is_none());
        assert!(state.observe(849, Some(1000)).is_none());
        assert_eq!(state.observe(850, Some(1000)).map(|crossing| crossing.limit_bytes), Some(850));
    }
}
