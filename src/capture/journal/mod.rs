//! The journal: a file of lines in the directory of the snapshots, shared by all processes that write there.
//!
//! A line is appended by one `write`. Who begins an attempt holds the directory's lock, so attempts do not overlap; other lines may come at any time.

mod entry;
mod history;
mod moment;

pub use entry::{Begin, Delivered, End, Entry, Fault, Judged, Left, Removed};
pub use history::{Attempted, History};
pub use moment::Moment;

use crate::os::{append_whole, open_own};
use rustc_hash::FxHashSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A journal that is longer is rewritten.
const COMPACT_ABOVE: u64 = 1 << 20;
/// What is read of one that somebody made huge: its end.
const READ_AT_MOST: u64 = 8 << 20;
/// Attempts that a rewritten journal still has, the newest. `limits.maxCount` and `windowMs` reach no further back.
const KEPT_ATTEMPTS: usize = 1000;
const KEPT_FAULTS: usize = 20;
const KEPT_MOMENTS: usize = 20;
/// A leak that was found longer ago than so many verdicts is news again.
const KEPT_VERDICTS: usize = 100;

pub struct Journal {
    path: PathBuf,
    file: Arc<File>,
    /// Its name may not be on disk yet.
    is_new: bool,
}

impl Journal {
    /// Made if it is not there.
    pub fn open(path: &Path) -> io::Result<Self> {
        let is_new = !path.exists();
        Ok(Self { path: path.to_owned(), file: Arc::new(open_own(path, true)?), is_new })
    }

    /// Without making one. `None` where there is none.
    pub fn open_existing(path: &Path) -> io::Result<Option<Self>> {
        match open_own(path, false) {
            Ok(file) => Ok(Some(Self { path: path.to_owned(), file: Arc::new(file), is_new: false })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The same open file, for whoever has a finished line to append.
    pub fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn descriptor(&self) -> RawFd {
        self.file.as_raw_fd()
    }

    pub fn read(&mut self) -> io::Result<History> {
        let length = self.file.metadata()?.len();
        (&*self.file).seek(SeekFrom::Start(length.saturating_sub(READ_AT_MOST)))?;
        let mut text = Vec::new();
        (&*self.file).take(READ_AT_MOST).read_to_end(&mut text)?;
        Ok(History::read(&text))
    }

    /// In one write. A line that somebody else could not finish is ended first.
    pub fn append(&self, entry: Entry) -> io::Result<()> {
        let line = format!("\n{}", entry.line());
        let line = if self.ends_a_line()? { &line[1..] } else { &line };
        append_whole(&self.file, line.as_bytes())
    }

    pub fn sync(&self) -> io::Result<()> {
        if self.is_new {
            self.sync_name()?;
        }
        self.file.sync_data()
    }

    fn sync_name(&self) -> io::Result<()> {
        File::open(self.path.parent().unwrap_or(Path::new(".")))?.sync_all()
    }

    fn ends_a_line(&self) -> io::Result<bool> {
        use std::os::unix::fs::FileExt;
        let length = self.file.metadata()?.len();
        let mut last = [b'\n'];
        if length > 0 {
            self.file.read_at(&mut last, length - 1)?;
        }
        Ok(last == [b'\n'])
    }

    /// Under the lock: makes a long journal short, with what is still of use. `keep` are the files whose attempts stay, however old.
    /// A line that another process appends at this very moment may be lost; that is a `delivered`, and its file is then delivered once more.
    pub fn compact(&mut self, history: &History, keep: impl Fn(&str) -> bool) -> io::Result<()> {
        if self.file.metadata()?.len() <= COMPACT_ABOVE {
            return Ok(());
        }
        let new = self.path.with_extension("journal.new");
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = open_own(&new, true)?;
        file.write_all(shortened(history, keep).as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, &self.path)?;
        self.file = Arc::new(file);
        self.sync_name()
    }
}

fn shortened(history: &History, keep: impl Fn(&str) -> bool) -> String {
    let old = history.attempts.len().saturating_sub(KEPT_ATTEMPTS);
    let deaths: FxHashSet<&str> = history.deaths().into_iter().map(|end| end.id.as_str()).collect();
    let file = |attempt: &Attempted| attempt.end.as_ref().and_then(|end| end.file.clone());
    // A directory with more snapshots than that is not retention's, but somebody's who asks for them.
    let mut room = KEPT_ATTEMPTS;
    let mut text = String::new();
    for (index, attempt) in history.attempts.iter().enumerate() {
        let is_old = index < old;
        let useful = attempt.end.is_none()
            || deaths.contains(attempt.begin.id.as_str())
            || (room > 0 && file(attempt).is_some_and(|file| keep(&file)));
        if is_old && !useful {
            continue;
        }
        room -= usize::from(is_old && room > 0);
        text += &Entry::Begin(attempt.begin.clone()).line();
        text.extend(attempt.left.clone().map(|left| Entry::Left(left).line()));
        text.extend(attempt.end.clone().map(|end| Entry::End(end).line()));
    }
    let faults = &history.faults[history.faults.len().saturating_sub(KEPT_FAULTS)..];
    text.extend(faults.iter().cloned().map(|fault| Entry::Fault(fault).line()));
    let moments = &history.near_limits[history.near_limits.len().saturating_sub(KEPT_MOMENTS)..];
    text.extend(moments.iter().cloned().map(|moment| Entry::NearLimit(moment).line()));
    let judged = &history.judged[history.judged.len().saturating_sub(KEPT_VERDICTS)..];
    text.extend(judged.iter().cloned().map(|judged| Entry::Judged(judged).line()));
    let delivered = history.delivered.iter().filter(|delivered| keep(&delivered.file));
    text.extend(delivered.cloned().map(|delivered| Entry::Delivered(delivered).line()));
    text
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
