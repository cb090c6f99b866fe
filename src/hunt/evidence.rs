//! The evidence of one case in figures, and how sure it makes.

use super::candidates::Candidate;
use super::case::Court;
use super::confidence::{Grounds, confidence};
use super::figures::{bytes, count, series};
use super::growth::Growth;
use super::role;
use super::verdict::Companion;

/// What grows with a suspect: so many are named.
const COMPANIONS: usize = 6;

impl Court<'_> {
    pub(super) fn companions(&self, shown: usize, root: usize, below: &[usize]) -> Vec<Companion> {
        let mut found: Vec<(Companion, u64)> = Vec::new();
        for &c in [root].iter().chain(below).filter(|&&c| c != shown) {
            let Candidate { class, counts, .. } = &self.candidates[c];
            if class == role::CONTEXT || class.starts_with("system / ") {
                continue;
            }
            match found.iter_mut().find(|(companion, _)| companion.class == *class) {
                Some((companion, bytes)) => {
                    companion.counts.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
                    *bytes += self.candidates[c].grown_bytes();
                }
                None => found.push((
                    Companion { class: class.clone(), counts: counts.clone() },
                    self.candidates[c].grown_bytes(),
                )),
            }
        }
        // Text and numbers grow with everything, and so do plain objects: what has a name of its own comes first.
        let plain = |class: &str| role::is_value_class(class) as u8 * 2 + matches!(class, "Object" | "Array") as u8;
        found.sort_by_key(|(companion, bytes)| (plain(&companion.class), std::cmp::Reverse(*bytes)));
        found.into_iter().take(COMPANIONS).map(|(companion, _)| companion).collect()
    }

    pub(super) fn confidence(&self, named: &Candidate, top: &Candidate, retained: &[u64]) -> f64 {
        let grown = retained.last().unwrap_or(&0).saturating_sub(*retained.first().unwrap_or(&0));
        confidence(&Grounds {
            values: if named.grown() == 0 { retained } else { &named.counts },
            // A heap that has not grown as a whole has lost elsewhere what this has gained.
            share: if self.heap_growth == 0 { 1.0 } else { grown as f64 / self.heap_growth as f64 },
            is_builtin: role::is_builtin(&named.class),
            slows: top.growth == Growth::Slows,
        })
    }

    pub(super) fn evidence(
        &self,
        named: &Candidate,
        top: &Candidate,
        retained: &[u64],
        with: &[Companion],
    ) -> Vec<String> {
        let intervals = named.counts.len().saturating_sub(1);
        let mut facts = Vec::new();
        if named.swells {
            facts.push(format!("its size grew {}: {}", in_intervals(intervals), series(&named.shallow, bytes)));
        } else {
            facts.push(format!("the number grew {}: {}", in_intervals(intervals), series(&named.counts, count)));
        }
        let grown = retained.last().unwrap_or(&0).saturating_sub(*retained.first().unwrap_or(&0));
        let each = grown
            .checked_div(named.grown())
            .map(|each| format!(", {} for each new one", bytes(each)))
            .unwrap_or_default();
        facts.push(format!("they retain {}{each}", series(retained, bytes)));
        if self.heap_growth > 0 && grown > 0 {
            let share = (grown as f64 / self.heap_growth as f64 * 100.0).min(100.0);
            facts.push(format!("that is {share:.0}% of the {} by which the heap grew", bytes(self.heap_growth)));
        }
        let together: Vec<String> =
            with.iter().take(3).map(|c| format!("{} {}", c.class, series(&c.counts, count))).collect();
        if !together.is_empty() {
            facts.push(format!("with it grow {}", together.join("; ")));
        }
        if top.growth == Growth::Slows {
            facts.push(
                "growth slows down: a cache that fills would look the same, and one more snapshot would tell"
                    .to_string(),
            );
        }
        if intervals == 1 {
            facts.push("two snapshots show one interval: something loaded once would look the same, and a third snapshot would tell".to_string());
        }
        facts
    }
}

fn in_intervals(intervals: usize) -> String {
    if intervals == 1 { "in the one interval".to_string() } else { format!("in each of {intervals} intervals") }
}
