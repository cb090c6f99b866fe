//! Lists in pages.

use serde::{Deserialize, Serialize};

/// Rows where the question does not say how many, and the most that one answer has.
pub const DEFAULT_LIMIT: u64 = 20;
const MOST: u64 = 10_000;

/// A part of a list: `rows` begin at `offset` of `total`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub total: u64,
    pub offset: u64,
    pub rows: Vec<T>,
}

/// Which part is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub offset: u64,
    pub limit: u64,
}

impl Part {
    /// Makes a page of a list that is in order already.
    pub fn of<T, R>(self, list: &[T], row: impl Fn(&T) -> R) -> Page<R> {
        let start = usize::try_from(self.offset).unwrap_or(usize::MAX).min(list.len());
        let end = start.saturating_add(self.limit.min(MOST) as usize).min(list.len());
        Page { total: list.len() as u64, offset: self.offset, rows: list[start..end].iter().map(row).collect() }
    }

    /// The same of a list that is not: sorts no more of it than is shown.
    pub fn of_unsorted<T, K: Ord, R>(self, list: &mut [T], key: impl Fn(&T) -> K, row: impl Fn(&T) -> R) -> Page<R> {
        let end = usize::try_from(self.offset.saturating_add(self.limit.min(MOST))).unwrap_or(usize::MAX);
        let end = end.min(list.len());
        if 0 < end && end < list.len() {
            list.select_nth_unstable_by_key(end - 1, &key);
        }
        list[..end].sort_unstable_by_key(&key);
        self.of(list, row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_out_of_the_sorted_list_wherever_they_lie() {
        let sorted: Vec<u32> = (0..50).collect();
        for (offset, limit) in
            [(0, 5), (7, 5), (48, 5), (50, 5), (1000, 5), (0, 0), (0, u64::MAX), (u64::MAX, u64::MAX)]
        {
            let part = Part { offset, limit };
            let wanted: Vec<u32> =
                sorted.iter().copied().skip(offset.min(99) as usize).take(limit.min(99) as usize).collect();
            let mut mixed: Vec<u32> = (0..50).map(|n| n * 37 % 50).collect();
            let page = part.of_unsorted(&mut mixed, |n| *n, |n| *n);
            assert_eq!((page.total, page.offset, &page.rows), (50, offset, &wanted));
            assert_eq!(part.of(&sorted, |n| *n), page);
        }
    }
}
