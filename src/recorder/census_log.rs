//! The file to which the recorder's censuses go, and the one before it.

use crate::os::{append_whole, local_time, open_own};
use crate::pages::history::{Entry, encode, header};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

/// Files of other runs that stay in a directory, the newest: a process that is started again and again is not to fill a disk.
const FILES: usize = 64;
const SUFFIX: &str = ".lhcensus";
const PREFIX: &str = "Census.";

pub struct CensusLog {
    dir: PathBuf,
    thread_id: u32,
    /// Censuses that are kept, at least.
    keep: usize,
    open: Option<Open>,
    /// Full, and still there.
    before: Option<PathBuf>,
}

struct Open {
    file: File,
    path: PathBuf,
    censuses: usize,
}

impl CensusLog {
    /// Nothing is written before the first census.
    pub fn new(dir: &Path, thread_id: u32, keep: usize) -> Self {
        Self { dir: dir.to_owned(), thread_id, keep, open: None, before: None }
    }

    /// Appends one, and says to which file. When a file has `keep` of them the next begins, and of the full ones only the last stays.
    pub fn append(&mut self, entry: &Entry) -> io::Result<&Path> {
        let bytes = encode(entry)?;
        if let Some(full) = self.open.take_if(|open| open.censuses >= self.keep)
            && let Some(oldest) = self.before.replace(full.path)
        {
            // Gone already, or not ours to remove: the next one is not hindered by it.
            let _ = std::fs::remove_file(oldest);
        }
        let open = match self.open.take() {
            Some(open) => open,
            None => self.begin()?,
        };
        let open = self.open.insert(open);
        append_whole(&open.file, &bytes)?;
        open.censuses += 1;
        Ok(&open.path)
    }

    fn begin(&self) -> io::Result<Open> {
        self.make_room();
        let path = self.dir.join(name(self.thread_id));
        let file = open_own(&path, true)?;
        append_whole(&file, &header())?;
        Ok(Open { file, path, censuses: 0 })
    }

    /// Removes what is too much, the oldest first. Their names have their times.
    fn make_room(&self) {
        let Ok(entries) = std::fs::read_dir(&self.dir) else { return };
        let mut files: Vec<(SystemTime, PathBuf)> = entries
            .flatten()
            .filter(|entry| {
                entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
            })
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        for (_, path) in files.iter().take(files.len().saturating_sub(FILES - 1)) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// `Census.<yyyymmdd>.<hhmmss>.<pid>.<tid>.<seq>.lhcensus`, in local time: as snapshots are named.
fn name(thread_id: u32) -> String {
    // One sequence for the process: two threads of it may share a directory.
    static SEQUENCE: AtomicU32 = AtomicU32::new(0);
    let sequence = SEQUENCE.fetch_add(1, Ordering::Relaxed) + 1;
    let now = local_time(SystemTime::now());
    format!(
        "{PREFIX}{:04}{:02}{:02}.{:02}{:02}{:02}.{}.{thread_id}.{sequence:03}{SUFFIX}",
        now.year,
        now.month,
        now.day,
        now.hour,
        now.minute,
        now.second,
        std::process::id(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::{Census, Gathered};
    use std::os::unix::fs::PermissionsExt;

    fn entry(timestamp_ms: u64) -> Entry {
        Entry { timestamp_ms, pid: 1, thread_id: 0, heap_used_bytes: 1, census: Census::default() }
    }

    fn files(dir: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    #[test]
    fn between_one_and_two_times_what_is_to_be_kept_stays() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = CensusLog::new(dir.path(), 0, 3);
        assert!(files(dir.path()).is_empty());
        for time in 1..=11 {
            log.append(&entry(time)).unwrap();
        }
        let left = files(dir.path());
        assert_eq!(left.len(), 2);
        let mut gathered = Gathered::default();
        for path in &left {
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            gathered.read("it", File::open(path).unwrap()).unwrap();
        }
        let times: Vec<u64> = gathered.into_series().censuses.iter().map(|taken| taken.timestamp_ms).collect();
        assert_eq!(times, [7, 8, 9, 10, 11]);
    }

    #[test]
    fn files_of_others_are_as_many_as_there_may_be_and_nothing_else_is_touched() {
        let dir = tempfile::tempdir().unwrap();
        for number in 0..FILES + 9 {
            std::fs::write(dir.path().join(format!("Census.{number}.lhcensus")), "").unwrap();
        }
        std::fs::write(dir.path().join("Census.of-somebody.txt"), "").unwrap();
        CensusLog::new(dir.path(), 0, 3).append(&entry(1)).unwrap();
        assert_eq!(files(dir.path()).len(), FILES + 1);
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_an_error_and_is_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("later");
        let mut log = CensusLog::new(&missing, 0, 3);
        assert!(log.append(&entry(1)).is_err());
        std::fs::create_dir(&missing).unwrap();
        assert!(log.append(&entry(2)).is_ok());
    }
}
