//! The files of one capture: their names while they grow and when they are whole.

use super::errand::PauseParts;
use super::format::Format;
use super::job::Engine;
use crate::os::{ChildFiles, local_time};
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

/// What goes into a file's name.
#[derive(Clone, Debug)]
pub struct Naming {
    pub dir: PathBuf,
    /// Node's `threadId`: 0 is the main thread.
    pub thread_id: u32,
}

/// Where one capture's files go.
#[derive(Clone, Debug)]
pub struct Paths {
    pub snapshot: PathBuf,
    pub snapshot_partial: PathBuf,
    /// V8's own snapshot of the same heap, if one is wanted beside it.
    pub v8: Option<Beside>,
    pub sidecar: PathBuf,
    pub sidecar_partial: PathBuf,
}

/// A second file of a capture, and its name while it grows.
#[derive(Clone, Debug)]
pub struct Beside {
    pub file: PathBuf,
    pub partial: PathBuf,
}

impl Naming {
    /// `Heap.<yyyymmdd>.<hhmmss>.<pid>.<tid>.<seq>.heapsnapshot.zst`: Node's own pattern, in local time, with what it is packed with; or `.lhgraph`.
    pub fn next(&self, format: Format) -> Paths {
        let stem = self.stem("Heap");
        let file = |suffix: &str| self.dir.join(format!("{stem}.{suffix}"));
        Paths {
            snapshot: file(format.ending()),
            snapshot_partial: file(&format!("{}.partial", format.ending())),
            v8: None,
            sidecar: file("json"),
            sidecar_partial: file("json.partial"),
        }
    }

    /// The next file of a sort, without what it ends with: `<what>.<yyyymmdd>.<hhmmss>.<pid>.<tid>.<seq>`.
    pub fn stem(&self, what: &str) -> String {
        // One sequence for the process: two threads of it may share a directory.
        static SEQUENCE: AtomicU32 = AtomicU32::new(0);
        let sequence = SEQUENCE.fetch_add(1, Ordering::Relaxed) + 1;
        let now = local_time(SystemTime::now());
        format!(
            "{what}.{:04}{:02}{:02}.{:02}{:02}{:02}.{}.{}.{sequence:03}",
            now.year,
            now.month,
            now.day,
            now.hour,
            now.minute,
            now.second,
            std::process::id(),
            self.thread_id
        )
    }
}

impl Paths {
    /// With a second file for V8's own snapshot: `<the same name>.v8.heapsnapshot.zst`.
    pub fn beside_v8(self) -> Self {
        let file = |end: &str| self.sidecar.with_extension(end);
        let v8 = Beside { file: file("v8.heapsnapshot.zst"), partial: file("v8.heapsnapshot.zst.partial") };
        Self { v8: Some(v8), ..self }
    }

    /// Under which name the file is made that V8 itself writes to in the in-process way.
    pub fn raw_partial(&self) -> PathBuf {
        self.snapshot.with_extension("partial")
    }

    /// Removes what a failed capture left. A whole snapshot is not touched; a sidecar gets its name first, and without its snapshot it is litter.
    pub fn remove_partial(&self) {
        let v8 = self.v8.as_ref();
        let raw = self.raw_partial();
        let unfinished = [&self.snapshot_partial, &self.sidecar_partial, &raw];
        for path in unfinished.into_iter().chain(v8.map(|v8| &v8.partial)) {
            let _ = std::fs::remove_file(path);
        }
        if !self.snapshot.exists() {
            for path in [&self.sidecar].into_iter().chain(v8.map(|v8| &v8.file)) {
                let _ = std::fs::remove_file(path);
            }
        }
    }

    /// The same for the child. The sidecar is published first and the snapshot last: once that is there, all are.
    pub fn for_child(&self) -> ChildFiles {
        let string = |path: &PathBuf| CString::new(path.as_os_str().as_bytes()).unwrap_or_default();
        ChildFiles {
            unfinished: chain(&self.sidecar_partial, self.v8.as_ref().map(|v8| &v8.partial), &self.snapshot_partial)
                .map(string)
                .collect(),
            finished: chain(&self.sidecar, self.v8.as_ref().map(|v8| &v8.file), &self.snapshot).map(string).collect(),
        }
    }

    pub fn snapshot_name(&self) -> String {
        self.snapshot.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub fn dir(&self) -> &Path {
        self.snapshot.parent().unwrap_or(Path::new("."))
    }
}

fn chain<'a>(first: &'a PathBuf, second: Option<&'a PathBuf>, last: &'a PathBuf) -> impl Iterator<Item = &'a PathBuf> {
    [first].into_iter().chain(second).chain([last])
}

/// Removes unfinished files unless told that they are finished, or somebody else's to finish.
pub struct Partial<'a>(pub &'a Paths);

impl Partial<'_> {
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Partial<'_> {
    fn drop(&mut self) {
        self.0.remove_partial();
    }
}

impl Artifact {
    /// How long it is as V8's text, about: what an analysis takes is known by that. Columns take more than half of it in memory.
    pub fn text_bytes(&self) -> u64 {
        match self.format {
            Format::Heapsnapshot => self.raw_bytes,
            Format::Lhgraph => self.raw_bytes.saturating_mul(2),
        }
    }
}

/// A finished snapshot.
#[derive(Clone, Debug)]
pub struct Artifact {
    pub path: PathBuf,
    pub sidecar: PathBuf,
    /// V8's own snapshot of the same heap, if one was wanted beside it.
    pub v8: Option<PathBuf>,
    pub mode: &'static str,
    pub engine: Engine,
    pub format: Format,
    /// Whether the contents of strings have been taken out.
    pub redacted: bool,
    /// How long the app's thread stood still, measured there.
    pub pause_ms: f64,
    /// What the stop of a forked capture was made of.
    pub pause_parts: Option<PauseParts>,
    /// What the child did without: large blocks of malloc, which the fork did not copy.
    pub left_out_bytes: u64,
    /// From the wish to the finished file.
    pub duration_ms: f64,
    pub bytes: u64,
    pub raw_bytes: u64,
    pub nodes: u64,
    /// Forks made; 1 unless one was made in vain.
    pub attempts: u32,
    /// Times that the isolate's thread was visited for a fork; more than `attempts` where it found a worker of V8's awake and went on at once.
    pub visits: u32,
    /// The child's highest resident set, shared pages included; 0 for the in-process way.
    pub child_peak_resident_bytes: u64,
    /// The child's own memory at its highest, what it shares with the app left out; 0 where that is not known.
    pub child_private_bytes: u64,
    /// What it had been expected to be.
    pub predicted_bytes: u64,
    /// V8's heap in use just before, which the expectation was made from.
    pub heap_used_bytes: u64,
    /// Whether the child has closed the attempt in the journal already.
    pub journalled: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_nodes_pattern_and_never_repeat() {
        let naming = Naming { dir: PathBuf::from("/d"), thread_id: 7 };
        let (first, second) = (naming.next(Format::Heapsnapshot), naming.next(Format::Heapsnapshot));
        assert_ne!(first.snapshot, second.snapshot);
        let name = first.snapshot.file_name().unwrap().to_str().unwrap().to_owned();
        let parts: Vec<&str> = name.split('.').collect();
        assert_eq!(parts[0], "Heap");
        assert_eq!((parts[1].len(), parts[2].len()), (8, 6));
        assert_eq!((parts[3], parts[4]), (std::process::id().to_string().as_str(), "7"));
        assert_eq!(&parts[6..], ["heapsnapshot", "zst"]);
        assert_eq!(first.raw_partial().extension().unwrap(), "partial");
        assert_ne!(first.raw_partial(), first.snapshot_partial);
    }

    #[test]
    fn a_sidecar_without_its_snapshot_is_litter_and_a_whole_snapshot_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Naming { dir: dir.path().to_owned(), thread_id: 0 }.next(Format::Lhgraph);
        for path in [&paths.snapshot_partial, &paths.sidecar] {
            std::fs::write(path, "").unwrap();
        }
        drop(Partial(&paths));
        assert!(!paths.snapshot_partial.exists() && !paths.sidecar.exists());
        for path in [&paths.snapshot, &paths.sidecar] {
            std::fs::write(path, "").unwrap();
        }
        drop(Partial(&paths));
        assert!(paths.snapshot.exists() && paths.sidecar.exists());
    }

    #[test]
    fn a_second_snapshot_goes_and_stays_with_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Naming { dir: dir.path().to_owned(), thread_id: 0 }.next(Format::Heapsnapshot).beside_v8();
        let v8 = paths.v8.as_ref().unwrap();
        let stem = paths.snapshot_name();
        let stem = stem.strip_suffix(".heapsnapshot.zst").unwrap();
        assert_eq!(v8.file.file_name().unwrap().to_str().unwrap(), format!("{stem}.v8.heapsnapshot.zst"));
        for path in [&v8.partial, &v8.file] {
            std::fs::write(path, "").unwrap();
        }
        drop(Partial(&paths));
        assert!(!v8.partial.exists() && !v8.file.exists(), "without the first it is litter");
        let (unfinished, finished) = (paths.for_child().unfinished, paths.for_child().finished);
        assert_eq!((unfinished.len(), finished.len()), (3, 3));
        for (path, last) in [(&v8.file, false), (&paths.snapshot, true)] {
            std::fs::write(path, "").unwrap();
            assert_eq!(finished.last().unwrap().to_str().unwrap() == path.to_str().unwrap(), last);
        }
        drop(Partial(&paths));
        assert!(paths.snapshot.exists() && v8.file.exists());
    }
}
