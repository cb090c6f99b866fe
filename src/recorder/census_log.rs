//! The file to which the recorder's censuses go, and the one before it.

use crate::capture::Naming;
use crate::os::{append_whole, open_own};
use crate::pages::history::{Entry, encode, header};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Files of other runs that stay in a directory, the newest: a process that is started again and again is not to fill a disk.
const FILES: usize = 64;
const WHAT: &str = "Census";
const SUFFIX: &str = "lhcensus";

pub struct CensusLog {
    naming: Naming,
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
    pub fn new(naming: Naming, keep: usize) -> Self {
        Self { naming, keep, open: None, before: None }
    }

    /// Appends one, and says to which file. When a file has `keep` of them the next begins, and of the full ones only the last stays. So does a file
    /// at whose end a part of a census stands that found no room: nothing can be read behind it.
    pub fn append(&mut self, entry: &Entry) -> io::Result<&Path> {
        let bytes = encode(entry)?;
        if let Some(full) = self.open.take_if(|open| open.censuses >= self.keep) {
            self.retire(full);
        }
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin()?,
        };
        if let Err(error) = append_whole(&open.file, &bytes) {
            self.retire(open);
            return Err(error);
        }
        open.censuses += 1;
        Ok(&self.open.insert(open).path)
    }

    /// Gone already, or not ours to remove: the next file is not hindered by it.
    fn retire(&mut self, open: Open) {
        let gone = if open.censuses == 0 { Some(open.path) } else { self.before.replace(open.path) };
        let _ = gone.map(std::fs::remove_file);
    }

    fn begin(&self) -> io::Result<Open> {
        self.make_room();
        let path = self.naming.dir.join(format!("{}.{SUFFIX}", self.naming.stem(WHAT)));
        let file = open_own(&path, true)?;
        let open = Open { file, path, censuses: 0 };
        match append_whole(&open.file, &header()) {
            Ok(()) => Ok(open),
            Err(error) => {
                let _ = std::fs::remove_file(&open.path);
                Err(error)
            }
        }
    }

    /// Removes what is too much, first what was not written to for the longest time.
    fn make_room(&self) {
        let Ok(entries) = std::fs::read_dir(&self.naming.dir) else { return };
        let is_one = |path: &Path| {
            let name = path.file_stem().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(WHAT)) && path.extension().is_some_and(|suffix| suffix == SUFFIX)
        };
        let mut files: Vec<(SystemTime, PathBuf)> = entries
            .flatten()
            .filter(|entry| is_one(&entry.path()))
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        files.sort();
        for (_, path) in files.iter().take(files.len().saturating_sub(FILES - 1)) {
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::{Census, Gathered};
    use std::os::unix::fs::PermissionsExt;

    fn entry(timestamp_ms: u64) -> Entry {
        Entry { timestamp_ms, pid: 1, thread_id: 0, heap_used_bytes: 1, census: Census::default() }
    }

    fn log(dir: &Path, keep: usize) -> CensusLog {
        CensusLog::new(Naming { dir: dir.to_owned(), thread_id: 0 }, keep)
    }

    /// When the censuses of all files were taken.
    fn times(dir: &Path) -> Vec<u64> {
        let mut gathered = Gathered::default();
        for path in files(dir) {
            gathered.read("it", File::open(path).unwrap()).unwrap();
        }
        gathered.into_series().censuses.iter().map(|taken| taken.timestamp_ms).collect()
    }

    fn files(dir: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    #[test]
    fn between_one_and_two_times_what_is_to_be_kept_stays() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = log(dir.path(), 3);
        assert!(files(dir.path()).is_empty());
        for time in 1..=11 {
            log.append(&entry(time)).unwrap();
        }
        let left = files(dir.path());
        assert_eq!(left.len(), 2);
        assert!(left.iter().all(|path| path.metadata().unwrap().permissions().mode() & 0o777 == 0o600));
        assert_eq!(times(dir.path()), [7, 8, 9, 10, 11]);
    }

    #[test]
    fn a_file_that_could_not_be_written_to_is_left_alone_and_another_begins() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = log(dir.path(), 3);
        log.append(&entry(1)).unwrap();
        let open = log.open.as_mut().unwrap();
        append_whole(&open.file, &encode(&entry(2)).unwrap()[..9]).unwrap();
        open.file = File::open(&open.path).unwrap();
        assert!(log.append(&entry(2)).is_err(), "it is open for reading");
        log.append(&entry(3)).unwrap();
        assert_eq!((files(dir.path()).len(), times(dir.path())), (2, vec![1, 3]));
    }

    #[test]
    fn files_of_others_are_as_many_as_there_may_be_and_nothing_else_is_touched() {
        let dir = tempfile::tempdir().unwrap();
        for number in 0..FILES + 9 {
            std::fs::write(dir.path().join(format!("Census.{number}.lhcensus")), "").unwrap();
        }
        std::fs::write(dir.path().join("Census.of-somebody.txt"), "").unwrap();
        log(dir.path(), 3).append(&entry(1)).unwrap();
        assert_eq!(files(dir.path()).len(), FILES + 1);
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_an_error_and_is_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let missing = dir.path().join("later");
        let mut log = log(&missing, 3);
        assert!(log.append(&entry(1)).is_err());
        std::fs::create_dir(&missing).unwrap();
        assert!(log.append(&entry(2)).is_ok());
    }
}
