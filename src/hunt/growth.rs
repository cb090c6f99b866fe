//! The rule that tells a leak from a load: a series of measurements, one for each snapshot, is judged by its shape alone.
//!
//! A leak grows in every interval, by an amount that matters, and does not slow down. Thresholds, and why:
//!
//! - **10 objects in each interval and 100 in all**, because a server under load holds a few dozen sockets, requests and timers
//!   at any moment, and how many is chance; a leak that a load test drives reaches 100 at once.
//! - **or 64 KiB in each interval and 1 MiB in all**, because ten buffers of a megabyte are a leak too.
//! - **5% of what was there at first**, because a population of a hundred thousand that comes and goes differs by hundreds.
//! - **a second half that grows at a third of the first half's pace or more**: a cache fills fast and then levels off.
//!   Under a tenth it has levelled; in between three snapshots cannot tell, and the answer is to take another.

/// Intervals are judged one by one up to here; with more of them one in five may stand still.
const STRICT_INTERVALS: usize = 4;
const SLOWS: f64 = 1.0 / 3.0;
const LEVELLED: f64 = 0.1;
/// A jump: this share of all growth in a single interval.
const JUMP: f64 = 0.9;
/// Figures come from files. No process is as large as this, and sums of as many steps as there are snapshots stay in range.
const ABSURD: u64 = 1 << 56;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// In every interval, and no slower at the end.
    Grows,
    /// In every interval, but ever slower: another snapshot would tell.
    Slows,
    /// Once, and then no more: a load.
    Jumped,
    /// Fast, and then hardly: a cache or a pool that is full.
    Levelled,
    /// Up and down.
    Wavers,
    /// By too little to matter.
    Small,
    /// Not at all.
    Flat,
}

/// What counts as much, for one kind of measurement.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    each: u64,
    total: u64,
    /// Per cent of the first value that the total has to reach.
    percent: u64,
}

pub const OBJECTS: Measure = Measure { each: 10, total: 100, percent: 5 };
pub const BYTES: Measure = Measure { each: 64 << 10, total: 1 << 20, percent: 5 };
/// The resident set of a process. V8's young generation alone may take tens of megabytes more when load comes, code that becomes
/// hot is compiled in the background, and malloc keeps what it had at the worst moment.
pub const RESIDENT: Measure = Measure { each: 4 << 20, total: 64 << 20, percent: 10 };

/// Judges one series. Fewer than two values never grow.
pub fn judge(values: &[u64], measure: Measure) -> Growth {
    let signed = |value: u64| value.min(ABSURD) as i64;
    let steps: Vec<i64> = values.windows(2).map(|w| signed(w[1]) - signed(w[0])).collect();
    let (Some(&first), Some(&last)) = (values.first(), values.last()) else { return Growth::Flat };
    let highest = values.iter().copied().max().unwrap_or(first);
    let enough = measure.total.max(first.saturating_mul(measure.percent) / 100);
    if highest <= first {
        return Growth::Flat;
    }
    if highest - first < enough {
        return Growth::Small;
    }
    if last.saturating_sub(first) < enough {
        return Growth::Wavers;
    }
    let total = (last - first) as f64;
    let each = measure.each as i64;
    let idle = steps.iter().filter(|&&step| step < each).count();
    let forgiven = if steps.len() > STRICT_INTERVALS { steps.len() / 5 } else { 0 };
    if idle > forgiven {
        let largest = steps.iter().copied().max().unwrap_or(0) as f64;
        let lost: i64 = steps.iter().filter(|&&step| step < 0).map(|step| -step).sum();
        return if lost as f64 > 0.2 * total {
            Growth::Wavers
        } else if largest >= JUMP * total {
            Growth::Jumped
        } else if steps.last().is_some_and(|&step| step < each) {
            Growth::Levelled
        } else {
            Growth::Wavers
        };
    }
    match pace(&steps) {
        p if p < LEVELLED => Growth::Levelled,
        p if p < SLOWS => Growth::Slows,
        _ => Growth::Grows,
    }
}

/// The same for the size of stores. V8 makes a full array half as large again and a full table twice as large, so one that is
/// filled at an even pace grows in leaps, and stands still for longer and longer in between: an interval without any change says
/// nothing, as long as not most of them are so and the last leap is of the second half.
pub fn judge_store(values: &[u64], measure: Measure) -> Growth {
    let leaps: Vec<usize> = (1..values.len()).filter(|&at| values[at] != values[at - 1]).collect();
    let intervals = values.len().saturating_sub(1);
    let goes_on = leaps.last().is_some_and(|&last| 2 * last > intervals);
    if leaps.len() < 2 || 2 * leaps.len() < intervals || !goes_on {
        return judge(values, measure);
    }
    let sizes: Vec<u64> = values.first().copied().into_iter().chain(leaps.iter().map(|&at| values[at])).collect();
    judge(&sizes, measure)
}

/// The mean step of the second half over that of the first: 1 is a straight line, 0 a plateau. One interval has no pace: 1.
fn pace(steps: &[i64]) -> f64 {
    if steps.len() < 2 {
        return 1.0;
    }
    let mean = |part: &[i64]| part.iter().sum::<i64>() as f64 / part.len() as f64;
    let (early, late) = (mean(&steps[..steps.len().div_ceil(2)]), mean(&steps[steps.len() / 2..]));
    if early <= 0.0 { 1.0 } else { late / early }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(values: &[u64]) -> Growth {
        judge(values, OBJECTS)
    }

    #[test]
    fn figures_that_no_heap_has_are_judged_like_others() {
        for values in [[1 << 63, 1, u64::MAX], [u64::MAX, 1 << 63, 0], [0, 1 << 63, u64::MAX]] {
            let _ = judge(&values, BYTES);
        }
        assert_eq!(judge(&[0, 1 << 50, 1 << 51, u64::MAX], BYTES), Growth::Grows);
    }

    #[test]
    fn growth_in_every_interval_is_growth() {
        assert_eq!(objects(&[0, 1000, 2000]), Growth::Grows);
        assert_eq!(objects(&[50, 3000, 6000]), Growth::Grows);
        assert_eq!(objects(&[10, 200]), Growth::Grows);
        assert_eq!(objects(&[100, 220, 330, 450, 561]), Growth::Grows);
    }

    #[test]
    fn a_load_is_not_growth() {
        assert_eq!(objects(&[0, 800, 800]), Growth::Jumped);
        assert_eq!(objects(&[0, 0, 800]), Growth::Jumped);
        assert_eq!(objects(&[0, 0, 0, 800, 801]), Growth::Jumped);
    }

    #[test]
    fn a_cache_that_fills_levels_off() {
        assert_eq!(objects(&[0, 900, 980]), Growth::Levelled);
        assert_eq!(objects(&[0, 500, 800, 805]), Growth::Levelled);
        assert_eq!(objects(&[0, 900, 1120]), Growth::Slows);
    }

    #[test]
    fn ups_and_downs_are_not_growth() {
        assert_eq!(objects(&[500, 900, 700]), Growth::Wavers);
        assert_eq!(objects(&[500, 900, 500]), Growth::Wavers);
        assert_eq!(objects(&[900, 500, 100]), Growth::Flat);
    }

    #[test]
    fn little_growth_is_small_and_none_is_flat() {
        assert_eq!(objects(&[0, 20, 40]), Growth::Small);
        assert_eq!(objects(&[100_000, 101_000, 102_000]), Growth::Small, "two per cent of a large population");
        assert_eq!(objects(&[300, 300, 300]), Growth::Flat);
        assert_eq!(objects(&[7]), Growth::Flat);
        assert_eq!(objects(&[]), Growth::Flat);
    }

    #[test]
    fn of_many_intervals_one_in_five_may_stand_still() {
        assert_eq!(objects(&[0, 100, 200, 200, 300, 400]), Growth::Grows);
        assert_ne!(objects(&[0, 100, 200, 200, 200, 400]), Growth::Grows);
    }

    #[test]
    fn a_store_that_is_filled_evenly_grows_in_leaps() {
        let megabytes = |values: &[u64]| judge_store(&values.iter().map(|mb| mb << 20).collect::<Vec<_>>(), BYTES);
        assert_eq!(megabytes(&[4, 6, 9, 13, 13]), Growth::Grows);
        assert_eq!(megabytes(&[4, 4, 8, 8, 16]), Growth::Grows);
        assert_eq!(megabytes(&[4, 6, 9, 9, 9]), Growth::Levelled);
        assert_eq!(megabytes(&[4, 8, 8, 8, 8, 16]), Growth::Wavers, "most of it stands still");
        assert_eq!(megabytes(&[4, 4, 8]), Growth::Jumped);
        assert_eq!(megabytes(&[8, 4, 8, 4, 8]), Growth::Flat);
        assert_eq!(megabytes(&[]), Growth::Flat);
    }

    #[test]
    fn a_few_large_things_count_by_their_bytes() {
        assert_eq!(judge(&[0, 10 << 20, 20 << 20], BYTES), Growth::Grows);
        assert_eq!(judge(&[0, 10 << 10, 20 << 10], BYTES), Growth::Small);
    }
}
