//! The directory of the snapshots: which files in it are leakhunt's, and what may be done to them.

use super::failure::Failure;
use super::format::Format;
use super::journal::{End, Entry, History, Journal, Moment};
use super::quiet::is_stopped;
use crate::os::{self, FileLock, Taken};
use crossbeam_channel::Receiver;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SIDECAR: &str = "json";
/// V8's own snapshot of the same heap, where one was wanted beside the one from pages.
const BY_V8: &str = "v8.heapsnapshot.zst";
/// What a hunt said, beside the last snapshot that it looked at.
const VERDICT: &str = "verdict.json";
/// What is left of a capture that was killed: see [`super::artifact::Paths`].
const LITTER: [&str; 6] = [
    "heapsnapshot.zst.partial",
    "lhgraph.partial",
    "json.partial",
    "heapsnapshot.partial",
    "verdict.json.partial",
    "v8.heapsnapshot.zst.partial",
];
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// Added to the deadline of an attempt that nobody closed, where no lock tells whether it still goes on.
const SURELY_OVER: Duration = Duration::from_secs(60);

#[derive(Clone, Debug)]
pub struct Directory {
    dir: PathBuf,
}

/// The directory while this process alone captures into it.
pub struct Hold {
    pub lock: FileLock,
    pub journal: Journal,
    pub history: History,
}

impl Directory {
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    fn lock_path(&self) -> PathBuf {
        os::kept_file(&self.dir, "lock")
    }

    pub fn journal_path(&self) -> PathBuf {
        os::kept_file(&self.dir, "journal")
    }

    /// Takes the lock, tidies up behind those who died with it, and reads the journal. `patience` is for somebody who tidies up as well: a capture takes longer.
    pub fn hold(&self, doing: &str, patience: Duration, stop: &Receiver<()>) -> Result<Hold, Failure> {
        let lock = self.take_lock(doing, patience, stop)?;
        let path = self.journal_path();
        let unusable = |error| Failure::Journal { path: path.clone(), error };
        let mut journal = Journal::open(&path).map_err(unusable)?;
        let mut history = journal.read().map_err(unusable)?;
        close_dead(&mut history, &journal, lock.is_held()).map_err(unusable)?;
        if lock.is_held() {
            self.sweep();
            journal.compact(&history, |file| self.bytes_of(file).is_some()).map_err(unusable)?;
        }
        Ok(Hold { lock, journal, history })
    }

    fn take_lock(&self, doing: &str, patience: Duration, stop: &Receiver<()>) -> Result<FileLock, Failure> {
        let path = self.lock_path();
        let start = Instant::now();
        loop {
            match FileLock::take(&path).map_err(|error| Failure::Journal { path: path.clone(), error })? {
                Taken::Ours(lock) => {
                    lock.describe(&Self::holder(doing));
                    return Ok(lock);
                }
                Taken::Theirs(words) => {
                    if start.elapsed() >= patience {
                        return Err(Failure::BusyElsewhere { dir: self.dir.clone(), who: Self::who(&words) });
                    }
                }
            }
            let _ = stop.recv_timeout(LOOK_AGAIN);
            if is_stopped(stop) {
                return Err(Failure::Stopped);
            }
        }
    }

    /// What the holder of a lock says of itself.
    pub fn holder(doing: &str) -> String {
        json!({ "pid": std::process::id(), "host": os::host_name(), "doing": doing, "sinceMs": Moment::now().at_ms })
            .to_string()
    }

    /// The lock file's words as a part of a sentence.
    pub fn who(words: &str) -> String {
        let holder: Value = serde_json::from_str(words).unwrap_or_default();
        match (holder["pid"].as_u64(), holder["host"].as_str()) {
            (Some(pid), Some(host)) => format!("process {pid} on {host}"),
            _ => "another process".to_owned(),
        }
    }

    /// Whether anybody has captured here before.
    pub fn has_a_past(&self) -> bool {
        self.journal_path().exists() || self.names().any(|name| split(&name).is_some_and(|(_, end)| is_litter(end)))
    }

    fn names(&self) -> impl Iterator<Item = String> {
        let entries = std::fs::read_dir(&self.dir).into_iter().flatten();
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok())
    }

    /// Under the lock nobody captures: what is unfinished stays so for ever. A sidecar whose snapshot never got its name goes as well.
    fn sweep(&self) {
        for name in self.names().collect::<Vec<_>>() {
            let Some((stem, end)) = split(&name).filter(|(_, end)| is_litter(end)) else { continue };
            self.remove_own(&name);
            let snapshot = end.strip_suffix(".partial").filter(|end| Format::of_ending(end).is_some());
            if snapshot.is_some_and(|end| !self.dir.join(format!("{stem}.{end}")).exists()) {
                self.remove_own(&format!("{stem}.{SIDECAR}"));
                self.remove_own(&format!("{stem}.{BY_V8}"));
            }
        }
    }

    /// The size of a snapshot that is there, with that of V8's own beside it. Only what has a name of leakhunt's own is looked at, whatever the journal says.
    pub fn bytes_of(&self, file: &str) -> Option<u64> {
        let bytes = os::own_file_bytes(&self.snapshot(file)?.0)?;
        let (stem, _) = split(file)?;
        Some(bytes.saturating_add(os::own_file_bytes(&self.dir.join(format!("{stem}.{BY_V8}"))).unwrap_or(0)))
    }

    /// Where a snapshot and its sidecar are.
    pub fn snapshot(&self, file: &str) -> Option<(PathBuf, PathBuf)> {
        let stem = stem_of(file)?;
        Some((self.dir.join(file), self.dir.join(format!("{stem}.{SIDECAR}"))))
    }

    /// Removes a snapshot with what belongs to it; `false` if it is still there.
    pub fn remove(&self, file: &str) -> bool {
        let Some(stem) = stem_of(file) else { return false };
        self.remove_own(file) && {
            self.remove_own(&format!("{stem}.{SIDECAR}"));
            self.remove_own(&format!("{stem}.{VERDICT}"));
            self.remove_own(&format!("{stem}.{BY_V8}"));
            true
        }
    }

    /// Writes a verdict beside the snapshot `file`, whole or not at all. One that is there already is replaced.
    pub fn write_verdict(&self, file: &str, document: &[u8]) -> io::Result<PathBuf> {
        let stem = stem_of(file).ok_or(io::ErrorKind::InvalidInput)?;
        let path = self.dir.join(format!("{stem}.{VERDICT}"));
        let partial = self.dir.join(format!("{stem}.{VERDICT}.partial"));
        let write = || {
            let mut out = File::options().write(true).create_new(true).mode(0o600).open(&partial)?;
            out.write_all(document)?;
            out.sync_all()?;
            std::fs::rename(&partial, &path)
        };
        let mut written = write();
        if written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            // A capture of another process has tidied up at this very moment, and taken it for litter.
            written = write();
        }
        if written.is_err() {
            self.remove_own(&format!("{stem}.{VERDICT}.partial"));
        }
        written.map(|()| path)
    }

    fn remove_own(&self, name: &str) -> bool {
        let path = self.dir.join(name);
        os::own_file_bytes(&path).is_some() && std::fs::remove_file(path).is_ok()
    }
}

/// Closes the attempts that nobody works on any more. Whoever held the lock was killed, if the app had not said that it ends.
fn close_dead(history: &mut History, journal: &Journal, lock_held: bool) -> io::Result<()> {
    let now = Moment::now();
    let over = |deadline_ms: u64| Duration::from_millis(deadline_ms).saturating_add(SURELY_OVER);
    let dead: Vec<End> = history
        .open()
        .filter(|open| lock_held || open.begin.at.age(&now) > over(open.begin.deadline_ms))
        .map(|open| {
            let outcome = if open.begin.run == os::run_id() {
                End::UNCLOSED
            } else if open.left.is_some() {
                End::LEFT
            } else {
                End::DIED
            };
            End::new(&open.begin.id, outcome)
        })
        .collect();
    for end in dead {
        journal.append(Entry::End(end.clone()))?;
        history.add(Entry::End(end));
    }
    Ok(())
}

/// What a snapshot shares with the files that belong to it.
fn stem_of(file: &str) -> Option<&str> {
    split(file).filter(|(_, end)| Format::of_ending(end).is_some()).map(|(stem, _)| stem)
}

fn is_litter(end: &str) -> bool {
    LITTER.contains(&end)
}

/// `Heap.<8 digits>.<6 digits>.<pid>.<thread>.<number>` and what comes after it; `None` for names that are not leakhunt's.
fn split(name: &str) -> Option<(&str, &str)> {
    let digits = |part: &str, least: usize, most: usize| {
        (least..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = name.splitn(7, '.');
    let ours = parts.next()? == "Heap"
        && digits(parts.next()?, 8, 9)
        && digits(parts.next()?, 6, 6)
        && digits(parts.next()?, 1, 10)
        && digits(parts.next()?, 1, 10)
        && digits(parts.next()?, 3, 10);
    let end = parts.next().filter(|end| ours && !end.contains('/'))?;
    Some((&name[..name.len() - end.len() - 1], end))
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
