//! The way of a snapshot's text to its file: counted, compressed, synced, renamed.

use super::artifact::Paths;
use super::board::{Board, Phase};
use super::sidecar::{Circumstances, Closing};
use crate::heap::{ClassCounter, ClassHistogram, SnapshotParser};
use crate::os::disk::create_private;
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
    pub fn finish(self, ending: Ending<'_>) -> io::Result<()> {
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
        let paths = ending.paths;
        std::fs::rename(&paths.sidecar_partial, &paths.sidecar)?;
        if let Err(error) = std::fs::rename(&paths.snapshot_partial, &paths.snapshot) {
            let _ = std::fs::remove_file(&paths.sidecar);
            return Err(error);
        }
        sync_dir(paths.dir());
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
    pub paths: &'a Paths,
    pub circumstances: &'a Circumstances,
    pub mode: &'static str,
    pub heap: Option<HeapStatistics>,
    pub taken_at: SystemTime,
}

impl Ending<'_> {
    fn write_sidecar(&self, board: &Board, classes: Result<&ClassHistogram, String>) -> io::Result<()> {
        let name = self.paths.snapshot.file_name().unwrap_or_default().to_string_lossy();
        let document = Closing {
            circumstances: self.circumstances,
            snapshot_name: &name,
            taken_at_ms: self.taken_at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64),
            mode: self.mode,
            pause_ms: board.pause_ms(),
            raw_bytes: board.raw_bytes(),
            bytes: board.bytes(),
            nodes: board.nodes(),
            heap: self.heap,
            classes,
        }
        .document();
        let mut file = create_private(&self.paths.sidecar_partial)?;
        file.write_all(document.to_string().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    }
}

/// A rename is safe against a power cut once its directory is synced; where that is refused, the files are whole all the same.
fn sync_dir(dir: &Path) {
    let _ = File::open(dir).and_then(|dir| dir.sync_all());
}
