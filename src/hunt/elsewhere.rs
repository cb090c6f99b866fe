//! Where memory grows when it does not grow in this heap: the process's figures at each snapshot, compared with what the snapshots
//! themselves account for.
//!
//! The resident set is taken apart: what is alive in the heap and what a snapshot shows outside of it, pages of the heap with nothing alive in
//! them, memory outside that V8 knows of, and the rest. Only the first of these can be hunted in a snapshot. Memory outside that
//! was never written to is not resident, and the rest then seems less than it is; so a part is told only if it makes up most of
//! the growth, and grows by the rule itself.

use super::figures::{bytes, series};
use super::growth::{Growth, RESIDENT, judge};
use super::moment::Moment;
use super::verdict::{Answer, Verdict};
use crate::heap::{Graph, native_size};
use serde::{Deserialize, Serialize};

/// Two figures show one interval, and programs warm up.
const FEWEST: usize = 3;

/// Memory that grows outside of what the snapshots show. Series are in the order of the snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Elsewhere {
    pub kind: Kind,
    /// One sentence, for people.
    pub summary: String,
    /// Where to look next.
    pub advice: String,
    /// By how much the resident set grew, and how much of it this part makes up.
    pub resident_growth_bytes: u64,
    pub growth_bytes: u64,
    pub resident_bytes: Vec<u64>,
    /// V8's pages, the objects in them, and those that are alive.
    pub heap_total_bytes: Vec<u64>,
    pub heap_used_bytes: Vec<u64>,
    pub live_bytes: Vec<u64>,
    /// What V8 knows of outside, and what of that the snapshots show: buffers, and memory of Node's own handles.
    pub external_bytes: Vec<u64>,
    pub shown_outside_bytes: Vec<u64>,
    pub malloced_bytes: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Memory that V8 has been told of, and that nothing in the snapshots accounts for.
    External,
    /// Memory that V8 knows nothing of.
    Native,
    /// Pages of V8's heap with nothing alive in them.
    Fragmentation,
}

/// What one snapshot itself shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InHeap {
    live: u64,
    /// Outside of V8's pages.
    outside: u64,
}

impl InHeap {
    pub fn of(graph: &Graph) -> Self {
        let outside = native_size(graph).0;
        InHeap { live: graph.total_size().0.saturating_sub(outside), outside }
    }
}

/// Puts into the verdict what there is to say. Whoever reads no more than the summary must not take a heap without a leak for a
/// process without one.
pub fn add(verdict: &mut Verdict, in_heap: &[InHeap], moments: impl Iterator<Item = Result<Option<Moment>, String>>) {
    if in_heap.len() < FEWEST {
        return;
    }
    let moments = match of_one_process(moments) {
        Ok(moments) => moments,
        Err(reason) => {
            verdict.notes.push(format!("memory outside of the heap was not compared: {reason}"));
            return;
        }
    };
    let Some(found) = find(in_heap, &moments) else { return };
    if verdict.verdict == Answer::NoLeak {
        verdict.summary = format!("{}, but the process grows: {}", verdict.summary, found.summary);
    }
    verdict.elsewhere = Some(found);
}

/// The moments of one process, if there is one for each snapshot.
fn of_one_process(moments: impl Iterator<Item = Result<Option<Moment>, String>>) -> Result<Vec<Moment>, String> {
    let Some(moments) = moments.collect::<Result<Option<Vec<Moment>>, String>>()? else { return Ok(Vec::new()) };
    let same = moments.windows(2).all(|pair| (pair[0].pid, pair[0].thread_id) == (pair[1].pid, pair[1].thread_id));
    if same { Ok(moments) } else { Err("the snapshots come from several processes or threads".to_string()) }
}

/// None where the resident set does not grow, or where the growth is in the heap for all to see.
fn find(in_heap: &[InHeap], moments: &[Moment]) -> Option<Elsewhere> {
    if moments.len() != in_heap.len() {
        return None;
    }
    let of = |figure: fn(&Moment) -> u64| moments.iter().map(figure).collect::<Vec<u64>>();
    let resident = of(|moment| moment.resident);
    if judge(&resident, RESIDENT) != Growth::Grows {
        return None;
    }
    let all = resident.last()?.saturating_sub(*resident.first()?);
    let (kind, growth) = [Kind::Fragmentation, Kind::External, Kind::Native]
        .into_iter()
        .map(|kind| {
            let part = moments.iter().zip(in_heap).map(|(moment, heap)| part(kind, moment, heap));
            (kind, only(part, resident[0]))
        })
        .filter(|(_, series)| judge(series, RESIDENT) == Growth::Grows)
        .map(|(kind, series)| (kind, series[series.len() - 1] - series[0]))
        .filter(|&(_, growth)| growth >= all / 2)
        .max_by_key(|&(_, growth)| growth)?;
    let (what, advice) = in_words(kind);
    Some(Elsewhere {
        kind,
        summary: format!(
            "the resident set grew by {} ({}), {} of it {what}",
            bytes(all),
            series(&resident, bytes),
            bytes(growth.min(all))
        ),
        advice: advice.to_string(),
        resident_growth_bytes: all,
        growth_bytes: growth,
        resident_bytes: resident,
        heap_total_bytes: of(|moment| moment.heap_total),
        heap_used_bytes: of(|moment| moment.heap_used),
        live_bytes: in_heap.iter().map(|heap| heap.live).collect(),
        external_bytes: of(|moment| moment.external),
        shown_outside_bytes: in_heap.iter().map(|heap| heap.outside).collect(),
        malloced_bytes: of(|moment| moment.malloced),
    })
}

/// How much of the process one part makes up. Below zero where more is told of than is resident.
fn part(kind: Kind, moment: &Moment, heap: &InHeap) -> i128 {
    // V8 is not told of memory that threads share, nor of all that Node has in its handles; and a snapshot does not show all that
    // it is told of.
    let outside = i128::from(moment.external.max(heap.outside));
    match kind {
        Kind::Fragmentation => i128::from(moment.heap_total) - i128::from(heap.live),
        Kind::External => outside - i128::from(heap.outside),
        Kind::Native => i128::from(moment.resident) - i128::from(moment.heap_total) - outside,
    }
}

/// The resident set as it would be if it had been `first` and then only this part had changed, so that it is judged as a whole
/// process is.
fn only(part: impl Iterator<Item = i128>, first: u64) -> Vec<u64> {
    let part: Vec<i128> = part.collect();
    let clamped = |n: i128| u64::try_from(n.max(0)).unwrap_or(u64::MAX);
    part.iter().map(|n| clamped(i128::from(first) + n - part[0])).collect()
}

fn in_words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::External => (
            "outside of the heap, in memory that V8 knows of and nothing in the snapshots accounts for",
            "objects of native addons, and handles of Node's (zlib, crypto, a database) that are never closed",
        ),
        Kind::Native => (
            "outside of the heap, in memory that V8 knows nothing of",
            "worker threads (each has a heap of its own: take snapshots there), native addons and libraries (heaptrack or the \
             profiler of jemalloc show who allocates), or a malloc that gives nothing back (try MALLOC_ARENA_MAX=2, or jemalloc)",
        ),
        Kind::Fragmentation => (
            "in pages of V8's heap with nothing alive in them",
            "bursts of short-lived objects: V8 lets garbage lie while its limit is far (--max-old-space-size, --max-semi-space-size), \
             and a few survivors hold a whole page; see whether heapTotal falls after a full collection",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1 << 20;

    fn moment(resident: u64, heap_total: u64, external: u64) -> Moment {
        Moment { pid: 1, thread_id: 0, resident, heap_total, heap_used: heap_total, external, malloced: 0 }
    }

    /// Figures in megabytes: resident, total, live, external, and what is shown outside.
    fn found(rows: &[[u64; 5]]) -> Option<Elsewhere> {
        let moments: Vec<Moment> = rows
            .iter()
            .map(|&[resident, total, _, external, _]| moment(resident * MB, total * MB, external * MB))
            .collect();
        let in_heap: Vec<InHeap> = rows.iter().map(|row| InHeap { live: row[2] * MB, outside: row[4] * MB }).collect();
        find(&in_heap, &moments)
    }

    #[test]
    fn the_part_that_makes_up_most_of_the_growth_is_told() {
        let native = found(&[[100, 20, 10, 2, 1], [140, 21, 10, 2, 1], [180, 22, 10, 2, 1]]).unwrap();
        assert_eq!((native.kind, native.resident_growth_bytes, native.growth_bytes), (Kind::Native, 80 * MB, 78 * MB));
        let external = found(&[[100, 20, 10, 2, 1], [140, 20, 10, 42, 1], [180, 20, 10, 82, 1]]).unwrap();
        assert_eq!((external.kind, external.growth_bytes), (Kind::External, 80 * MB));
        let pages = found(&[[100, 20, 10, 2, 1], [140, 60, 10, 2, 1], [180, 99, 11, 2, 1]]).unwrap();
        assert_eq!((pages.kind, pages.growth_bytes), (Kind::Fragmentation, 78 * MB));
        assert!(pages.summary.contains("104.9 MB → 146.8 MB → 188.7 MB"), "{}", pages.summary);
    }

    #[test]
    fn what_the_snapshots_show_is_not_elsewhere() {
        assert_eq!(found(&[[100, 20, 10, 2, 1], [140, 60, 50, 2, 1], [180, 99, 90, 2, 1]]), None);
        assert_eq!(found(&[[100, 20, 10, 2, 1], [140, 20, 10, 42, 41], [180, 20, 10, 82, 81]]), None);
        assert_eq!(found(&[[100, 20, 10, 2, 1], [140, 20, 10, 2, 41], [180, 20, 10, 2, 81]]), None, "shared memory");
    }

    #[test]
    fn several_parts_of_which_none_makes_up_half_are_not_told() {
        assert_eq!(found(&[[100, 20, 10, 2, 1], [200, 60, 20, 32, 1], [300, 99, 30, 62, 1]]), None);
    }

    #[test]
    fn a_part_that_jumps_while_the_heap_grows_says_nothing() {
        assert_eq!(found(&[[100, 20, 10, 2, 1], [110, 30, 20, 2, 1], [230, 40, 30, 2, 1]]), None);
    }

    #[test]
    fn a_resident_set_that_warms_up_or_wavers_or_hardly_grows_says_nothing() {
        assert_eq!(found(&[[100, 20, 10, 2, 1], [180, 20, 10, 2, 1], [180, 20, 10, 2, 1]]), None);
        assert_eq!(found(&[[100, 20, 10, 2, 1], [180, 20, 10, 2, 1], [200, 20, 10, 2, 1]]), None);
        assert_eq!(found(&[[100, 20, 10, 2, 1], [180, 20, 10, 2, 1], [150, 20, 10, 2, 1]]), None);
        assert_eq!(found(&[[100, 20, 10, 2, 1], [130, 20, 10, 2, 1], [160, 20, 10, 2, 1]]), None);
        assert_eq!(found(&[[2000, 20, 10, 2, 1], [2080, 20, 10, 2, 1], [2160, 20, 10, 2, 1]]), None);
    }

    #[test]
    fn figures_of_any_size_are_figures() {
        let (most, least) = (moment(u64::MAX, 0, u64::MAX), moment(0, u64::MAX, 0));
        let heaps = [InHeap { live: u64::MAX, outside: 0 }, InHeap { live: 0, outside: u64::MAX }];
        for moments in
            [[least, most, most], [most, least, most], [least, least, most], [least, moment(1 << 62, 0, 0), most]]
        {
            for heap in heaps {
                let _ = find(&[heap, heaps[0], heaps[1]], &moments);
            }
        }
    }

    #[test]
    fn only_the_moments_of_one_process_are_compared() {
        let one = moment(1, 1, 1);
        let of = |moments: [Result<Option<Moment>, String>; 2]| of_one_process(moments.into_iter());
        assert_eq!(of([Ok(Some(one)), Ok(Some(one))]), Ok(vec![one, one]));
        assert_eq!(of([Ok(Some(one)), Ok(None)]), Ok(vec![]));
        assert_eq!(of([Ok(Some(one)), Err("is no sidecar".to_string())]), Err("is no sidecar".to_string()));
        for other in [Moment { pid: 2, ..one }, Moment { thread_id: 2, ..one }] {
            assert!(of([Ok(Some(one)), Ok(Some(other))]).is_err());
        }
    }
}
