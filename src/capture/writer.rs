//! The way of a snapshot's text to its file: counted, compressed, synced, renamed.

use super::board::{Board, Phase};
use super::sidecar::{Circumstances, Closing};
use crate::heap::{ClassCounter, ClassHistogram, SnapshotParser};
use crate::os::{ChildFiles, publish};
use crate::v8::{HeapStatistics, SnapshotOutput};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Takes V8's chunks. Used in the forked child and, for the in-process way, on the capture thread.
pub struct SnapshotWriter<'a> {
    file: zstd::Encoder<'static, File>,
    /// `None` once the text could not be understood: the snapshot is kept all the same, without a histogram.
    counter: Option<SnapshotParser<ClassCounter>>,
    counter_error: Option<String>,
    error: Option<io::Error>,
    board: &'a Board,
}

impl<'a> SnapshotWriter<'a> {
    pub fn new(file: File, level: i32, board: &'a Board) -> io::Result<Self> {
        Ok(Self {
            file: zstd::Encoder::new(file, level)?,
            counter: Some(SnapshotParser::new(ClassCounter::default())),
            counter_error: None,
            error: None,
            board,
        })
    }

    /// Ends the stream, syncs, writes the sidecar and gives both files their names. The sidecar goes first, so that a snapshot under
    /// its final name always has one.
    pub fn finish(self, mut ending: Ending<'_>) -> io::Result<()> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.board.enter(Phase::Finishing);
        let file = self.file.finish()?;
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        let (classes, nodes) = match (self.counter.map(SnapshotParser::finish), self.counter_error) {
            (Some(Ok(counter)), _) => {
                let nodes = counter.node_count();
                (Ok(counter.into_histogram()), nodes)
            }
            (Some(Err(error)), _) => (Err(error.to_string()), 0),
            (None, error) => (Err(error.unwrap_or_default()), 0),
        };
        self.board.set_result(bytes, nodes);
        ending.write_sidecar(self.board, classes.as_ref().map_err(Clone::clone))?;
        for (unfinished, finished) in ending.files.unfinished.iter().zip(&ending.files.finished) {
            publish(unfinished, finished)?;
        }
        sync_dir(ending.dir);
        self.board.enter(Phase::Done);
        Ok(())
    }
}

impl SnapshotOutput for SnapshotWriter<'_> {
    fn write(&mut self, chunk: &[u8]) -> bool {
        self.board.enter(Phase::Writing);
        self.board.add_raw(chunk.len());
        if let Some(counter) = &mut self.counter
            && let Err(error) = counter.feed(chunk)
        {
            self.counter_error = Some(error.to_string());
            self.counter = None;
        }
        if let Err(error) = self.file.write_all(chunk) {
            self.error = Some(error);
            return false;
        }
        true
    }
}

/// What the last step needs to know.
pub struct Ending<'a> {
    /// Where `sidecar` goes, and what the two files are called at last.
    pub files: &'a ChildFiles,
    pub dir: &'a Path,
    pub snapshot_name: String,
    pub sidecar: File,
    pub circumstances: &'a Circumstances,
    pub mode: &'static str,
    pub heap: Option<HeapStatistics>,
    pub taken_at: SystemTime,
}

impl Ending<'_> {
    fn write_sidecar(&mut self, board: &Board, classes: Result<&ClassHistogram, String>) -> io::Result<()> {
        let document = Closing {
            circumstances: self.circumstances,
            snapshot_name: &self.snapshot_name,
            taken_at_ms: self.taken_at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64),
            mode: self.mode,
            pause_ms: board.pause_ms(),
            raw_bytes: board.raw_bytes(),
            bytes: board.bytes(),
            nodes: board.nodes(),
            child_private_bytes: board.child_private_bytes(),
            heap: self.heap,
            classes,
        }
        .document();
        self.sidecar.write_all(document.to_string().as_bytes())?;
        self.sidecar.write_all(b"\n")?;
        self.sidecar.sync_all()
    }
}

/// A rename is safe against a power cut once its directory is synced; where that is refused, the files are whole all the same.
fn sync_dir(dir: &Path) {
    let _ = File::open(dir).and_then(|dir| dir.sync_all());
}
