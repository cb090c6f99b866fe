//! The way of a snapshot's text to its file: redacted, counted, compressed, synced, renamed.

use super::board::{Board, Phase};
use super::format::Format;
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

    /// Ends the stream of the file, which keeps the name that it has. What was counted, and the file.
    pub fn close(mut self) -> Result<(Result<ClassCounter, SnapshotError>, File), WriteError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.board.enter(Phase::Finishing);
        let counted = self.passage.finish(&mut self.file)?;
        let file = self.file.encoder.finish()?;
        Ok((counted, file))
    }

    /// Ends the stream, and publishes it.
    pub fn finish(self, ending: Ending<'_>) -> Result<(), WriteError> {
        let (board, redacted) = (self.board, self.passage.redacts());
        let (counted, file) = self.close()?;
        ending.publish(file, counted.map_err(|error| error.to_string()), redacted, board)
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
    pub format: Format,
    pub heap: Option<HeapStatistics>,
    pub taken_at: SystemTime,
}

impl Ending<'_> {
    /// Syncs the file, writes the sidecar and gives both their names. The sidecar goes first, so that a snapshot under its final name always has one.
    pub fn publish(
        mut self,
        file: File,
        counted: Result<ClassCounter, String>,
        redacted: bool,
        board: &Board,
    ) -> Result<(), WriteError> {
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        let nodes = counted.as_ref().map_or(0, ClassCounter::node_count);
        let classes = counted.map(ClassCounter::into_histogram);
        board.set_result(bytes, nodes);
        self.write_sidecar(board, redacted, classes.as_ref().map_err(Clone::clone))?;
        self.files.publish()?;
        sync_dir(self.dir);
        board.enter(Phase::Done);
        Ok(())
    }

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
            format: self.format,
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
