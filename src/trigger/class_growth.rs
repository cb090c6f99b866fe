//! Classes that keep growing, by what censuses at equal intervals count.
//!
//! The same test as for the [live set](super::growth), for each class. Of hundreds of classes some rise by chance, so it asks for more: more censuses,
//! and a level of one in a thousand.

use super::growth::{LEAST_SHARE, median_slope, z_score};
use std::collections::{HashMap, VecDeque};

/// Eight rising values reach the level (z = 3.3), with one small step back as well (3.1).
const FEWEST: usize = 8;
const MOST: usize = 12;
/// One-sided 0.1 per cent.
const Z: f64 = 3.09;
/// Fewer objects, or bytes, are what a program that runs for a while gathers anyway.
const LEAST_OBJECTS: f64 = 1000.0;
const LEAST_BYTES: f64 = 1024.0 * 1024.0;

/// One class of a census.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The same for the same class in each census.
    pub key: u64,
    pub count: u64,
    pub bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassFound {
    /// Its place among the classes of the census.
    pub place: usize,
    /// At the last censuses, oldest first.
    pub counts: Vec<u64>,
    /// How much it rose over these.
    pub grown_count: u64,
    pub grown_bytes: u64,
}

#[derive(Debug, Default)]
struct Row {
    counts: VecDeque<u64>,
    bytes: VecDeque<u64>,
    census: u64,
}

#[derive(Debug, Default)]
pub struct ClassGrowth {
    rows: HashMap<u64, Row>,
    /// The number of the last census.
    census: u64,
    acted_at: Option<u64>,
}

impl ClassGrowth {
    /// Takes a census. What grows, the most bytes first; a class that is not in every census begins anew.
    pub fn observe(&mut self, classes: impl IntoIterator<Item = Counted>) -> Vec<ClassFound> {
        self.census += 1;
        let mut found = Vec::new();
        for (place, class) in classes.into_iter().enumerate() {
            let row = self.rows.entry(class.key).or_default();
            row.push(class, self.census);
            found.extend(row.judge(place));
        }
        self.rows.retain(|_, row| row.census == self.census);
        found.sort_by_key(|class| std::cmp::Reverse(class.grown_bytes));
        found
    }

    /// Whether something is to be done about it: what was done before has to rest on other censuses.
    pub fn is_due(&self) -> bool {
        self.acted_at.is_none_or(|census| self.census >= census + FEWEST as u64)
    }

    pub fn acted(&mut self) {
        self.acted_at = Some(self.census);
    }

    /// What was to be done could not be done yet.
    pub fn postponed(&mut self) {
        self.acted_at = None;
    }
}

impl Row {
    fn push(&mut self, class: Counted, census: u64) {
        if self.census + 1 != census {
            *self = Row::default();
        }
        self.census = census;
        for (values, value) in [(&mut self.counts, class.count), (&mut self.bytes, class.bytes)] {
            if values.len() == MOST {
                values.pop_front();
            }
            values.push_back(value);
        }
    }

    fn judge(&self, place: usize) -> Option<ClassFound> {
        let grown_count = grown(&self.counts)?;
        let grown_bytes = grown(&self.bytes).unwrap_or(0.0);
        (grown_count >= LEAST_OBJECTS || grown_bytes >= LEAST_BYTES).then(|| ClassFound {
            place,
            counts: self.counts.iter().copied().collect(),
            grown_count: grown_count as u64,
            grown_bytes: grown_bytes as u64,
        })
    }
}

/// How much a series rises, if it rises for certain and not by little.
fn grown(values: &VecDeque<u64>) -> Option<f64> {
    // Of most classes the two ends say that they do not grow, without a look at all pairs.
    if values.len() < FEWEST || values.back() <= values.front() {
        return None;
    }
    let values: Vec<f64> = values.iter().map(|value| *value as f64).collect();
    let grown = median_slope(&values) * (values.len() - 1) as f64;
    (grown >= LEAST_SHARE * values[0] && z_score(&values) >= Z).then_some(grown)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The findings after each census; a class is `(key, count)`, and an object has 64 bytes.
    fn course(censuses: &[&[(u64, u64)]]) -> Vec<Vec<(usize, u64)>> {
        let mut growth = ClassGrowth::default();
        let take = |classes: &&[(u64, u64)]| {
            let classes = classes.iter().map(|&(key, count)| Counted { key, count, bytes: 64 * count });
            growth.observe(classes).into_iter().map(|found| (found.place, found.grown_count)).collect()
        };
        censuses.iter().map(take).collect()
    }

    fn alone(counts: &[u64]) -> Vec<(usize, u64)> {
        let censuses: Vec<[(u64, u64); 1]> = counts.iter().map(|&count| [(7, count)]).collect();
        let censuses: Vec<&[(u64, u64)]> = censuses.iter().map(|each| &each[..]).collect();
        course(&censuses).pop().unwrap()
    }

    #[test]
    fn a_class_that_rises_each_time_is_found_at_the_eighth_census() {
        let counts: Vec<u64> = (0..8).map(|census| 500 + 1000 * census).collect();
        assert_eq!(alone(&counts[..7]), []);
        assert_eq!(alone(&counts), [(0, 7000)]);
    }

    #[test]
    fn noise_spikes_little_and_flat_ones_are_not() {
        assert_eq!(alone(&[5000, 9000, 4000, 8000, 5000, 9000, 4500, 8800, 5100, 9100]), []);
        assert_eq!(alone(&[500, 501, 502, 503, 504, 505, 506, 507, 508]), []);
        assert_eq!(alone(&[100_000, 100_200, 100_400, 100_600, 100_800, 101_000, 101_200, 101_400]), []);
        assert_eq!(alone(&[9000; 12]), []);
    }

    #[test]
    fn a_rise_with_steps_back_is_found_later() {
        assert_eq!(alone(&[1000, 2000, 3000, 2900, 4000, 5000, 6000, 7000]).len(), 1);
        assert_eq!(alone(&[1000, 2000, 3000, 2900, 4000, 3900, 6000, 7000]), []);
        assert_eq!(alone(&[1000, 2000, 3000, 2900, 4000, 3900, 6000, 7000, 8000, 9000]).len(), 1);
    }

    #[test]
    fn a_class_that_was_away_begins_anew_and_the_heaviest_stands_first() {
        let counts = |census: u64| [(1, 1000 * census), (2, 3000 * census), (3, 1000 * census)];
        let mut censuses: Vec<Vec<(u64, u64)>> = (1..=9).map(|census| counts(census).to_vec()).collect();
        censuses[4].pop();
        let censuses: Vec<&[(u64, u64)]> = censuses.iter().map(|each| &each[..]).collect();
        let places: Vec<usize> = course(&censuses).pop().unwrap().into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, [1, 0]);
    }

    #[test]
    fn what_was_done_is_not_done_again_for_the_same_censuses() {
        let mut growth = ClassGrowth::default();
        assert!(growth.is_due());
        growth.acted();
        for _ in 0..FEWEST {
            assert!(!growth.is_due());
            growth.observe([]);
        }
        assert!(growth.is_due());
        growth.acted();
        growth.postponed();
        assert!(growth.is_due());
    }
}
