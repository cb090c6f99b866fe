//! Snapshots in files as the source of a hunt, with progress and a way to stop.

use super::{Moment, Source};
use crate::heap::{Graph, SnapshotError, read_file};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why a file could not be analysed. The message names the file and the place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HuntError {
    #[error("{}: {source}", path.display())]
    Snapshot { path: PathBuf, source: SnapshotError },
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{}: exists already, and is not overwritten", path.display())]
    Exists { path: PathBuf },
    #[error("{}: nothing matches {selector:?}: expected a class as `inspect FILE -c classes` lists it, or @id", path.display())]
    NoMatch { path: PathBuf, selector: String },
    #[error("no snapshot was given: expected the path of at least one")]
    NoSnapshot,
    #[error("the analysis was aborted")]
    Aborted,
}

impl HuntError {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            HuntError::Snapshot { source, .. } => source.code(),
            HuntError::Io { .. } => "ERR_LEAKHUNT_IO",
            HuntError::Exists { .. } => "ERR_LEAKHUNT_FILE_EXISTS",
            HuntError::NoMatch { .. } => "ERR_LEAKHUNT_NO_MATCH",
            HuntError::NoSnapshot => "ERR_LEAKHUNT_NO_SNAPSHOT",
            HuntError::Aborted => "ERR_LEAKHUNT_ABORTED",
        }
    }
}

/// How far the reading of one file has come, in its own bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProgress<'a> {
    pub file: &'a Path,
    pub done: u64,
    pub total: u64,
}

/// Set from any thread; whoever reads a file stops soon after.
#[derive(Debug, Clone, Default)]
pub struct Aborted(Arc<AtomicBool>);

impl Aborted {
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Relaxed: the flag is all there is to see, nothing is published with it.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Reads one file, telling its progress at most once for each hundredth.
pub fn open(path: &Path, aborted: &Aborted, tell: &mut dyn FnMut(FileProgress<'_>)) -> Result<Graph, HuntError> {
    let mut told = None;
    let outcome = read_file(path, &mut |progress| {
        if aborted.is_set() {
            return ControlFlow::Break(());
        }
        let percent = progress.bytes_done.saturating_mul(100).checked_div(progress.bytes_total);
        if percent != told {
            told = percent;
            tell(FileProgress { file: path, done: progress.bytes_done, total: progress.bytes_total });
        }
        ControlFlow::Continue(())
    });
    match outcome {
        _ if aborted.is_set() => Err(HuntError::Aborted),
        Ok(graph) => Ok(graph),
        Err(source) => Err(HuntError::Snapshot { path: path.to_path_buf(), source }),
    }
}

/// Snapshot files, oldest first.
pub struct Files<'a> {
    paths: &'a [PathBuf],
    aborted: Aborted,
    tell: &'a mut dyn FnMut(FileProgress<'_>),
    moment_beside: MomentBeside,
}

/// What is known of the process of a snapshot file, by whoever knows where that is written.
pub type MomentBeside = fn(&Path) -> Result<Option<Moment>, String>;

impl<'a> Files<'a> {
    pub fn new(
        paths: &'a [PathBuf],
        aborted: Aborted,
        tell: &'a mut dyn FnMut(FileProgress<'_>),
        moment_beside: MomentBeside,
    ) -> Result<Self, HuntError> {
        if paths.is_empty() { Err(HuntError::NoSnapshot) } else { Ok(Files { paths, aborted, tell, moment_beside }) }
    }
}

impl Source for Files<'_> {
    type Error = HuntError;

    fn len(&self) -> usize {
        self.paths.len()
    }

    fn name(&self, index: usize) -> String {
        self.paths[index].display().to_string()
    }

    fn open(&mut self, index: usize) -> Result<Graph, HuntError> {
        open(&self.paths[index], &self.aborted, self.tell)
    }

    fn moment(&self, index: usize) -> Result<Option<Moment>, String> {
        (self.moment_beside)(&self.paths[index])
    }

    fn go_on(&self) -> Result<(), HuntError> {
        if self.aborted.is_set() { Err(HuntError::Aborted) } else { Ok(()) }
    }
}
