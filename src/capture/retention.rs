//! Which automatic snapshots may stay. Pure: the journal and the directory are asked elsewhere.

use serde::Deserialize;
use std::time::Duration;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retention {
    pub max_count: usize,
    pub max_total_bytes: u64,
    pub max_age_ms: u64,
}

/// An automatic snapshot that is there.
#[derive(Clone, Debug)]
pub struct Kept {
    pub file: String,
    /// One run of one thread: its first and its last snapshot are worth more than those in between.
    pub series: (String, u32),
    pub bytes: u64,
    pub age: Duration,
}

impl Retention {
    /// What has to go, of `files`, oldest first. Those between the first and the last of a series go first; should that not do, the oldest series go as a whole; the
    /// newest file of all stays, and so do those of `needed`: a hunt is not to lose what it has still to look at.
    pub fn surplus(&self, files: &[Kept], needed: &[String]) -> Vec<String> {
        let mut stays = vec![true; files.len()];
        let is_needed: Vec<bool> = files.iter().map(|file| needed.contains(&file.file)).collect();
        let too_old = Duration::from_millis(self.max_age_ms);
        let newest = files.len().saturating_sub(1);
        for index in 0..files.len() {
            let between = |other: &Kept| other.series == files[index].series;
            let is_inner = files[..index].iter().any(between) && files[index + 1..].iter().any(between);
            if is_inner && !is_needed[index] && (files[index].age > too_old || self.is_exceeded(files, &stays)) {
                stays[index] = false;
            }
        }
        for index in 0..newest {
            let series = &files[index].series;
            let last = files.iter().rfind(|file| file.series == *series);
            if stays[index] && (last.is_some_and(|last| last.age > too_old) || self.is_exceeded(files, &stays)) {
                for other in 0..newest {
                    stays[other] &= is_needed[other] || files[other].series != *series;
                }
            }
        }
        files.iter().zip(stays).filter(|(_, stays)| !stays).map(|(file, _)| file.file.clone()).collect()
    }

    fn is_exceeded(&self, files: &[Kept], stays: &[bool]) -> bool {
        let (count, bytes) = files
            .iter()
            .zip(stays)
            .filter(|(_, stays)| **stays)
            .fold((0usize, 0u64), |(count, bytes), (file, _)| (count + 1, bytes.saturating_add(file.bytes)));
        count > self.max_count || bytes > self.max_total_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_BOUNDS: Retention = Retention { max_count: usize::MAX, max_total_bytes: u64::MAX, max_age_ms: u64::MAX };

    /// `a1 a2 b1`: two files of the series a, then one of b, oldest first, of 10 bytes and as many seconds old as there are younger ones.
    fn files(names: &str) -> Vec<Kept> {
        let names: Vec<&str> = names.split(' ').collect();
        let kept = |(index, name): (usize, &&str)| Kept {
            file: (*name).to_owned(),
            series: (name[..1].to_owned(), 0),
            bytes: 10,
            age: Duration::from_secs((names.len() - 1 - index) as u64),
        };
        names.iter().enumerate().map(kept).collect()
    }

    fn surplus(retention: &Retention, names: &str) -> String {
        retention.surplus(&files(names), &[]).join(" ")
    }

    #[test]
    fn within_the_bounds_all_stay() {
        assert_eq!(surplus(&NO_BOUNDS, "a1 a2 a3 b1"), "");
        assert!(NO_BOUNDS.surplus(&[], &[]).is_empty());
    }

    #[test]
    fn the_oldest_between_first_and_last_go_first() {
        let three = Retention { max_count: 3, ..NO_BOUNDS };
        assert_eq!(surplus(&three, "a1 a2 a3 a4 a5"), "a2 a3");
        let bytes = Retention { max_total_bytes: 45, ..NO_BOUNDS };
        assert_eq!(surplus(&bytes, "a1 a2 a3 b1 b2 b3"), "a2 b2");
    }

    #[test]
    fn where_first_and_last_are_too_many_the_oldest_series_goes_as_a_whole() {
        let three = Retention { max_count: 3, ..NO_BOUNDS };
        assert_eq!(surplus(&three, "a1 a2 a3 b1 b2 c1"), "a1 a2 a3");
        assert_eq!(surplus(&three, "a1 b1 a2 b2"), "a1 a2");
    }

    #[test]
    fn the_newest_file_stays_whatever_the_bounds() {
        let none = Retention { max_count: 0, max_total_bytes: 0, max_age_ms: 0 };
        assert_eq!(surplus(&none, "a1 a2 a3"), "a1 a2");
        assert_eq!(surplus(&none, "a1"), "");
    }

    #[test]
    fn what_a_hunt_needs_stays() {
        let one = Retention { max_count: 1, ..NO_BOUNDS };
        let needed = ["a2".to_owned(), "b1".to_owned()];
        assert_eq!(one.surplus(&files("a1 a2 a3 b1 b2 c1"), &needed), ["a1", "a3", "b2"]);
    }

    #[test]
    fn age_takes_what_is_between_and_a_series_whose_last_is_too_old() {
        let seconds = |seconds: u64| Retention { max_age_ms: seconds * 1000, ..NO_BOUNDS };
        assert_eq!(surplus(&seconds(2), "a1 a2 a3 a4 a5"), "a2", "the first stays for as long as its series goes on");
        assert_eq!(surplus(&seconds(1), "a1 a2 b1 b2"), "a1 a2");
    }
}
