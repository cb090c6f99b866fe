//! The way of a snapshot's text to its file: redacted, counted, compressed, synced, renamed.

use super::board::{Board, Phase};
use super::job::Engine;
use super::passage::{Passage, WriteError};
use super::sidecar::{Circumstances, Closing};
use crate::heap::{ClassCounter, ClassHistogram, SnapshotError};
use crate::os::ChildFiles;
use crate::redact::Salt;
use crate::v8::{HeapStatistics, SnapshotOutput};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Takes V8's chunks. Used in the forked child and, for the in-process way, on the capture thread.
pub struct SnapshotWriter<'a> {
    file: Packed<'a>,
    passage: Passage,
    error: Option<WriteError>,
    board: &'a Board,
}

impl<'a> SnapshotWriter<'a> {
    /// With a salt, the contents of strings are taken out.
    pub fn new(file: File, level: i32, redaction: Option<Salt>, board: &'a Board) -> io::Result<Self> {
        let file = Packed { encoder: zstd::Encoder::new(file, level)?, board };
        Ok(Self { file, passage: Passage::new(redaction), error: None, board })
    }

    /// Ends the stream and syncs the file, which keeps the name that it has. What was counted, and the size of the file.
    pub fn close(mut self) -> Result<(Result<ClassCounter, SnapshotError>, u64), WriteError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.board.enter(Phase::Finishing);
        let counted = self.passage.finish(&mut self.file)?;
        let file = self.file.encoder.finish()?;
        file.sync_all()?;
        Ok((counted, file.metadata()?.len()))
    }

    /// Closes the file, writes the sidecar and gives all files their names. The sidecar goes first, so that a snapshot under
    /// its final name always has one.
    pub fn finish(self, mut ending: Ending<'_>) -> Result<(), WriteError> {
        let (board, redacted) = (self.board, self.passage.redacts());
        let (counted, bytes) = self.close()?;
        let (classes, nodes) = match counted {
            Ok(counter) => {
                let nodes = counter.node_count();
                (Ok(counter.into_histogram()), nodes)
            }
            Err(error) => (Err(error.to_string()), 0),
        };
        board.set_result(bytes, nodes);
        ending.write_sidecar(board, redacted, classes.as_ref().map_err(Clone::clone))?;
        ending.files.publish()?;
        sync_dir(ending.dir);
        board.enter(Phase::Done);
        Ok(())
    }
}

impl SnapshotOutput for SnapshotWriter<'_> {
    fn write(&mut self, chunk: &[u8]) -> bool {
        self.board.enter(Phase::Writing);
        self.error = self.passage.take(chunk, &mut self.file).err();
        self.error.is_none()
    }
}

/// Counts what it packs, for whoever watches.
struct Packed<'a> {
    encoder: zstd::Encoder<'static, File>,
    board: &'a Board,
}

impl Write for Packed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.encoder.write(bytes)?;
        self.board.add_raw(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.encoder.flush()
    }
}

/// What the last step needs to know.
pub struct Ending<'a> {
    /// Where `sidecar` goes, and what the files are called at last.
    pub files: &'a ChildFiles,
    pub dir: &'a Path,
    pub snapshot_name: String,
    pub sidecar: File,
    pub circumstances: &'a Circumstances,
    pub mode: &'static str,
    pub engine: Engine,
    pub heap: Option<HeapStatistics>,
    pub taken_at: SystemTime,
}

impl Ending<'_> {
    fn write_sidecar(
        &mut self,
        board: &Board,
        redacted: bool,
        classes: Result<&ClassHistogram, String>,
    ) -> io::Result<()> {
        let document = Closing {
            circumstances: self.circumstances,
            snapshot_name: &self.snapshot_name,
            taken_at_ms: self.taken_at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64),
            mode: self.mode,
            engine: self.engine,
            redacted,
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
