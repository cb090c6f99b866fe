//! Several censuses side by side: how many of each class there were at each of them.

use super::history::{self, Entry, HistoryError};
use super::kind::Kind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;

/// Counts and bytes of a class at the censuses that told it by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassSeries {
    pub name: String,
    pub kind: Kind,
    pub location: Option<String>,
    /// Which of the censuses these are, by their place in the document.
    pub censuses: Vec<u32>,
    pub counts: Vec<u64>,
    pub bytes: Vec<u64>,
    /// With what belongs to one object alone; `None` where a file does not have it.
    #[serde(default)]
    pub owned_bytes: Vec<Option<u64>>,
}

impl ClassSeries {
    /// From the first census that tells the class to the last.
    pub fn growth(&self) -> (i64, i64) {
        (difference(&self.counts), difference(&self.bytes))
    }

    /// With what belongs to one object alone, at a census that tells it.
    pub fn owned_at(&self, census: usize) -> Option<u64> {
        let place = self.censuses.binary_search(&u32::try_from(census).ok()?).ok()?;
        *self.owned_bytes.get(place)?
    }

    /// Count and bytes at a census.
    pub fn at(&self, census: usize) -> Option<(u64, u64)> {
        let place = self.censuses.binary_search(&u32::try_from(census).ok()?).ok()?;
        Some((*self.counts.get(place)?, *self.bytes.get(place)?))
    }
}

fn difference(values: &[u64]) -> i64 {
    let [first, .., last] = values else { return 0 };
    let difference = i128::from(*last) - i128::from(*first);
    difference.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

/// One census among others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    pub timestamp_ms: u64,
    pub pid: u32,
    pub thread_id: u32,
    pub heap_used_bytes: u64,
    pub total_count: u64,
    pub total_bytes: u64,
    pub unnamed_bytes: u64,
}

/// The document of `leakhunt census --json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    pub version: u32,
    /// Oldest first.
    pub censuses: Vec<Taken>,
    /// Those of the last census that take most first.
    pub classes: Vec<ClassSeries>,
    /// What a reader should know of the files.
    pub notes: Vec<String>,
}

/// The version of the document.
const VERSION: u32 = 1;

/// Gathers the censuses of files, in any order.
#[derive(Default)]
pub struct Gathered {
    entries: Vec<Entry>,
    notes: Vec<String>,
}

impl Gathered {
    /// All of one file; `name` is for notes about it.
    pub fn read(&mut self, name: &str, source: impl Read) -> Result<(), HistoryError> {
        let before = self.entries.len();
        let cut = history::read(source, |entry| self.entries.push(entry))?;
        if self.entries.len() == before {
            self.notes.push(format!("{name} holds no census yet"));
        }
        if cut > 0 {
            self.notes.push(format!("the last {cut} bytes of {name} are of a census that was never finished"));
        }
        Ok(())
    }

    /// One that is not of a file.
    pub fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub fn into_series(mut self) -> Series {
        self.entries.sort_by_key(|entry| entry.timestamp_ms);
        let mut threads: Vec<(u32, u32)> = self.entries.iter().map(|entry| (entry.pid, entry.thread_id)).collect();
        threads.sort_unstable();
        threads.dedup();
        if threads.len() > 1 {
            self.notes.push(format!(
                "the censuses are of {} threads: what grows between two may be two heaps",
                threads.len()
            ));
        }
        let mut classes: BTreeMap<(Kind, String, Option<String>), ClassSeries> = BTreeMap::new();
        let mut censuses = Vec::with_capacity(self.entries.len());
        for (index, Entry { timestamp_ms, pid, thread_id, heap_used_bytes, census }) in
            self.entries.into_iter().enumerate()
        {
            for class in census.classes {
                let key = (class.kind, class.name.clone(), class.location.clone());
                let series = classes.entry(key).or_insert_with(|| ClassSeries {
                    name: class.name,
                    kind: class.kind,
                    location: class.location,
                    censuses: Vec::new(),
                    counts: Vec::new(),
                    bytes: Vec::new(),
                    owned_bytes: Vec::new(),
                });
                // A class comes once in a census of ours.
                if series.censuses.last() != Some(&(index as u32)) {
                    series.censuses.push(index as u32);
                    series.counts.push(class.count);
                    series.bytes.push(class.bytes);
                    series.owned_bytes.push(class.owned_bytes);
                }
            }
            censuses.push(Taken {
                timestamp_ms,
                pid,
                thread_id,
                heap_used_bytes,
                total_count: census.total_count,
                total_bytes: census.total_bytes,
                unnamed_bytes: census.unnamed_bytes,
            });
        }
        let mut classes: Vec<ClassSeries> = classes.into_values().collect();
        let last = censuses.len().saturating_sub(1);
        classes.sort_by_key(|class| std::cmp::Reverse(class.at(last).map(|(_, bytes)| bytes)));
        Series { version: VERSION, censuses, classes, notes: self.notes }
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::tests::entry;
    use super::*;

    fn series(files: &[&[Entry]]) -> Series {
        let mut gathered = Gathered::default();
        for (index, entries) in files.iter().enumerate() {
            let mut bytes = history::header();
            entries.iter().for_each(|entry| bytes.extend(history::encode(entry).unwrap()));
            gathered.read(&format!("file {index}"), &bytes[..]).unwrap();
        }
        gathered.into_series()
    }

    #[test]
    fn classes_are_joined_over_files_by_time() {
        let early = [entry(10, &[("A", 1), ("B", 50)])];
        let late = [entry(20, &[("A", 2), ("B", 50)]), entry(30, &[("A", 99), ("C", 1)])];
        let series = series(&[&late, &early]);
        assert_eq!(series.censuses.iter().map(|taken| taken.timestamp_ms).collect::<Vec<_>>(), [10, 20, 30]);
        let told: Vec<_> =
            series.classes.iter().map(|class| (&*class.name, class.counts.clone(), class.growth())).collect();
        assert_eq!(told, [("A", vec![1, 2, 99], (98, 98 * 64)), ("C", vec![1], (0, 0)), ("B", vec![50, 50], (0, 0)),]);
        assert_eq!((series.classes[2].at(1), series.classes[2].at(2)), (Some((50, 3200)), None));
        assert!(series.notes.is_empty());
    }

    #[test]
    fn two_heaps_and_empty_files_are_told() {
        let mut worker = entry(2, &[("A", 1)]);
        worker.thread_id = 3;
        let notes = series(&[&[entry(1, &[("A", 1)]), worker], &[]]).notes;
        assert_eq!(
            notes,
            ["file 1 holds no census yet", "the censuses are of 2 threads: what grows between two may be two heaps"]
        );
    }
}
