//! How sure an accusation is: the share of suspects like it that were the leak of their program, as the corpus has it.
//!
//! A product of factors, since each is a reason of its own for doubt. Their values come from 2,720 hunts over all runs of two to five
//! neighbouring snapshots of the corpus on Node 20 to 26, and `npm run corpus` prints how they hold: see docs/verdict.md.

/// What the doubts are about.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// The series that was seen to grow: a value for each snapshot.
    pub values: &'a [u64],
    /// The part of the whole heap's growth that is this suspect's.
    pub share: f64,
    /// A class of the language's own, or what only carries another: much that has nothing to do with each other is called so.
    pub is_builtin: bool,
    /// The growth gets slower.
    pub slows: bool,
}

/// One interval has seen the growth once, two have seen it go on. The first is the price of surprise: no evidence makes certain.
const BY_INTERVALS: [f64; 4] = [0.0, 0.9, 0.97, 0.98];
/// Where something leaks, most of what grows is the leak: what is less of it grows along with something else, or by itself.
const SMALL_SHARE: (f64, f64) = (0.1, 0.1);
/// One interval in which something came that was not there before: loaded once, more often than not.
const NEW: f64 = 0.1;
const BUILTIN: f64 = 0.9;
/// The least step against the greatest, below which it goes by fits and starts.
const UNEVEN: (f64, f64) = (1.0 / 3.0, 0.5);
const SLOWS: f64 = 0.5;

/// From 0 to 1, with two digits.
pub fn confidence(grounds: &Grounds) -> f64 {
    let Grounds { values, share, is_builtin, slows } = *grounds;
    let steps = || values.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    let intervals = values.len().saturating_sub(1);
    let (least, greatest) = (steps().min().unwrap_or(0) as f64, steps().max().unwrap_or(0) as f64);
    let doubts = [
        (share < SMALL_SHARE.0, SMALL_SHARE.1),
        (intervals == 1 && values[0] == 0, NEW),
        (is_builtin, BUILTIN),
        (least < UNEVEN.0 * greatest, UNEVEN.1),
        (slows, SLOWS),
    ];
    let factors = doubts.iter().filter(|(holds, _)| *holds).map(|(_, factor)| factor);
    let sure = BY_INTERVALS[intervals.min(BY_INTERVALS.len() - 1)] * factors.product::<f64>();
    (sure * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Grounds<'_> = Grounds { values: &[100, 200, 300], share: 0.8, is_builtin: false, slows: false };

    #[test]
    fn more_snapshots_make_surer_and_none_make_certain() {
        let of = |values| confidence(&Grounds { values, ..PLAIN });
        let many: Vec<u64> = (1..=20).map(|n| 100 * n).collect();
        let rising = [of(&[100, 200]), of(&[100, 200, 300]), of(&[100, 200, 300, 400]), of(&many)];
        assert_eq!(rising, [0.9, 0.97, 0.98, 0.98]);
        assert_eq!([of(&[5]), of(&[])], [0.0, 0.0]);
    }

    #[test]
    fn each_doubt_counts_for_itself() {
        let all = [
            Grounds { share: 0.05, ..PLAIN },
            Grounds { is_builtin: true, ..PLAIN },
            Grounds { slows: true, ..PLAIN },
            Grounds { values: &[100, 110, 300], ..PLAIN },
        ];
        assert_eq!(all.map(|grounds| confidence(&grounds)), [0.1, 0.87, 0.49, 0.49]);
        assert_eq!(confidence(&Grounds { share: 0.05, is_builtin: true, ..PLAIN }), 0.09);
        assert_eq!(confidence(&Grounds { values: &[0, 800], ..PLAIN }), 0.09);
    }
}
