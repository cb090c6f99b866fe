//! What censuses that were taken meanwhile say of a suspect: many counts of its class, where snapshots are few.

use super::figures::{count, duration};
use super::role;
use super::verdict::{Censuses, Suspect, Verdict};

/// A class at the censuses of one process, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// As a suspect is called: a constructor's name, or `function` and a name.
    pub class: String,
    /// Milliseconds since 1970.
    pub timestamps_ms: Vec<u64>,
    pub counts: Vec<u64>,
}

/// Counts that are told in words; `censuses` has all of them.
const TOLD: usize = 5;
/// Two counts are what two snapshots have as well.
const FEWEST: usize = 3;

impl Verdict {
    /// Adds what was counted of each suspect's class. All arrays and maps of a program are one class to a census, so that it says nothing of those.
    pub fn tell_counts(&mut self, counted: &[Counted]) {
        let known = self.known.iter_mut().map(|known| &mut known.suspect);
        for suspect in self.suspects.iter_mut().chain(known) {
            let of_class = counted.iter().find(|counted| counted.class == suspect.class);
            if let Some(counted) = of_class.filter(|_| !role::is_builtin(&suspect.class)) {
                tell(suspect, counted);
            }
        }
    }
}

fn tell(suspect: &mut Suspect, Counted { timestamps_ms, counts, .. }: &Counted) {
    let (Some(first), Some(last)) = (timestamps_ms.first(), timestamps_ms.last()) else { return };
    if counts.len() < FEWEST {
        return;
    }
    let rises = counts.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let told: Vec<String> = spread(counts.len()).map(|at| count(counts[at])).collect();
    suspect.evidence.push(format!(
        "{} censuses over {} counted {}; the number rose in {rises} of {} intervals",
        counts.len(),
        duration(last.saturating_sub(*first)),
        told.join(" → "),
        counts.len() - 1
    ));
    suspect.censuses = Some(Censuses { timestamps_ms: timestamps_ms.clone(), counts: counts.clone() });
}

/// So many of `length` places, evenly apart, the first and the last among them.
fn spread(length: usize) -> impl Iterator<Item = usize> {
    let told = length.min(TOLD);
    (0..told).map(move |at| at * (length - 1) / (told - 1).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hunt::heaps::{Program, judge};

    fn logs_that_pile_up(p: &mut Program, n: usize) {
        let array = p.variable("logs", "Array");
        let store = p.store(array, "elements", n);
        for index in 0..n {
            let log = p.object("RequestLog");
            p.push(array, store, index, log);
        }
    }

    fn counted(class: &str, counts: &[u64]) -> Counted {
        let timestamps_ms = (0..counts.len() as u64).map(|at| 60_000 * at).collect();
        Counted { class: class.to_owned(), timestamps_ms, counts: counts.to_vec() }
    }

    #[test]
    fn counts_of_the_class_become_evidence() {
        let verdict = judge(&[100, 1100, 2100], logs_that_pile_up);
        assert_eq!(verdict.suspects[0].class, "RequestLog");
        let mut told = verdict.clone();
        told.tell_counts(&[
            counted("Other", &[1, 2, 3]),
            counted("RequestLog", &[100, 500, 400, 1500, 1900, 2000, 2100]),
        ]);
        let words =
            "7 censuses over 6 min counted 100 → 500 → 1,500 → 1,900 → 2,100; the number rose in 5 of 6 intervals";
        assert_eq!(told.suspects[0].evidence.last().unwrap(), words);
        assert_eq!(told.suspects[0].censuses.as_ref().unwrap().counts.len(), 7);
        for nothing in [vec![], vec![counted("RequestLog", &[1, 2])], vec![counted("RequestLog", &[])]] {
            let mut untold = verdict.clone();
            untold.tell_counts(&nothing);
            assert_eq!(untold, verdict);
        }
    }
}
