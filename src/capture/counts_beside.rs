//! What the censuses counted that lie beside a snapshot: evidence for a verdict.
//!
//! As with a [sidecar](super::beside), anybody may have put them there, and whatever is not as expected is done without.

use super::beside::moment_beside;
use crate::hunt::Counted;
use crate::os::open_regular;
use crate::pages::Kind;
use crate::pages::history::{Entry, read};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file of 500 censuses with as many classes takes a twentieth.
const LONGEST: u64 = 64 << 20;
/// The newest of a file that has more; a class takes sixteen bytes for each.
const MOST_ENTRIES: usize = 512;
const MOST_CLASSES: usize = 16_384;

/// What was counted by the newest file of censuses of the process that `snapshot` is of, by class; nothing where there is none.
pub fn counts_beside(snapshot: &Path) -> Vec<Counted> {
    let Ok(Some(moment)) = moment_beside(snapshot) else { return Vec::new() };
    let thread = (moment.pid, moment.thread_id);
    let Some(newest) = newest(snapshot, thread) else { return Vec::new() };
    let Ok((file, _)) = open_regular(&newest) else { return Vec::new() };
    let mut counts = Counts::default();
    let taken = |entry: Entry| {
        if (entry.pid, entry.thread_id) == thread {
            counts.add(entry);
        }
    };
    // What a damaged file had before the damage is what was counted.
    let _ = read(file.take(LONGEST), taken);
    counts.by_class.into_values().collect()
}

/// Names have the time in them, and then pid and thread: `Census.20261130.120000.4711.0.001.lhcensus`.
fn newest(snapshot: &Path, (pid, thread_id): (u32, u32)) -> Option<PathBuf> {
    let directory = snapshot.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let owner = format!(".{pid}.{thread_id}.");
    let is_one = |name: &str| {
        name.strip_prefix("Census.")
            .and_then(|rest| rest.strip_suffix(".lhcensus"))
            .is_some_and(|it| it.contains(&owner))
    };
    let names = std::fs::read_dir(directory).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| is_one(name)).max().map(|name| directory.join(name))
}

#[derive(Default)]
struct Counts {
    /// Of all censuses that count.
    times: Vec<u64>,
    by_class: BTreeMap<String, Counted>,
}

impl Counts {
    /// The older half.
    fn forget_half(&mut self) {
        self.times.drain(..MOST_ENTRIES / 2);
        let since = self.times.first().copied().unwrap_or(0);
        for counted in self.by_class.values_mut() {
            let old = counted.timestamps_ms.iter().take_while(|time| **time < since).count();
            counted.timestamps_ms.drain(..old);
            counted.counts.drain(..old);
        }
    }

    fn add(&mut self, entry: Entry) {
        if self.times.len() == MOST_ENTRIES {
            self.forget_half();
        }
        self.times.push(entry.timestamp_ms);
        for class in entry.census.classes {
            let name = match class.kind {
                Kind::Object => class.name,
                Kind::Closure => format!("function {}", class.name),
                _ => continue,
            };
            if self.by_class.len() >= MOST_CLASSES && !self.by_class.contains_key(&name) {
                continue;
            }
            let counted = self.by_class.entry(name).or_insert_with_key(|name| Counted {
                class: name.clone(),
                timestamps_ms: Vec::new(),
                counts: Vec::new(),
            });
            match counted.timestamps_ms.last() {
                // Classes of one name at several places are told together.
                Some(last) if *last == entry.timestamp_ms => {
                    if let Some(count) = counted.counts.last_mut() {
                        *count = count.saturating_add(class.count);
                    }
                }
                _ => {
                    counted.timestamps_ms.push(entry.timestamp_ms);
                    counted.counts.push(class.count);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::history::{encode, header};
    use crate::pages::{Census, ClassCount};
    use std::fs;

    fn entry(timestamp_ms: u64, pid: u32, classes: &[(Kind, &str, u64)]) -> Entry {
        let class = |(kind, name, count): &(Kind, &str, u64)| ClassCount {
            name: (*name).to_owned(),
            kind: *kind,
            location: None,
            count: *count,
            bytes: 8 * count,
            owned_bytes: None,
        };
        let census = Census { classes: classes.iter().map(class).collect(), ..Census::default() };
        Entry { timestamp_ms, pid, thread_id: 0, heap_used_bytes: 1, census }
    }

    #[test]
    fn of_a_long_file_the_newest_censuses_count() {
        let mut counts = Counts::default();
        (0..2000).for_each(|time| counts.add(entry(time, 7, &[(Kind::Object, "Log", time)])));
        let Counted { timestamps_ms, counts, .. } = &counts.by_class["Log"];
        assert_eq!((timestamps_ms.last(), counts.last()), (Some(&1999), Some(&1999)));
        assert!((MOST_ENTRIES / 2..=MOST_ENTRIES).contains(&counts.len()) && timestamps_ms == counts);
    }

    #[test]
    fn the_newest_file_of_the_same_process_counts() {
        let dir = tempfile::tempdir().unwrap();
        let snapshot = dir.path().join("a.heapsnapshot.zst");
        let write = |name: &str, entries: &[Entry]| {
            let mut bytes = header();
            entries.iter().for_each(|entry| bytes.extend(encode(entry).unwrap()));
            fs::write(dir.path().join(name), bytes).unwrap();
        };
        write("Census.20260101.000000.7.0.001.lhcensus", &[entry(1, 7, &[(Kind::Object, "Log", 1)])]);
        write("Census.20260102.000000.8.0.001.lhcensus", &[entry(1, 8, &[(Kind::Object, "Log", 1)])]);
        let both =
            [(Kind::Object, "Log", 5), (Kind::Closure, "tick", 2), (Kind::Object, "Log", 1), (Kind::String, "s", 9)];
        write(
            "Census.20260103.000000.7.0.001.lhcensus",
            &[entry(10, 7, &both), entry(15, 8, &both), entry(20, 7, &both)],
        );
        assert_eq!(counts_beside(&snapshot), [], "without a sidecar it is not known whose");
        let sidecar = r#"{"snapshot":"a.heapsnapshot.zst","pid":7,"threadId":0,
            "heap":{"heapTotalBytes":10,"externalBytes":20,"mallocedBytes":30,"heapUsedBytes":5},"recorded":{"rssBytes":40}}"#;
        fs::write(dir.path().join("a.json"), sidecar).unwrap();
        let counted = |class: &str, counts: [u64; 2]| Counted {
            class: class.to_owned(),
            timestamps_ms: vec![10, 20],
            counts: counts.to_vec(),
        };
        assert_eq!(counts_beside(&snapshot), [counted("Log", [6, 6]), counted("function tick", [2, 2])]);
        fs::write(dir.path().join("Census.20260104.000000.7.0.001.lhcensus"), "none").unwrap();
        assert_eq!(counts_beside(&snapshot), []);
    }
}
