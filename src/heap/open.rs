//! Snapshot files: plain, zstd or gzip, told apart by their first bytes.
//!
//! Reading and decompressing happen on a thread of their own and hand over blocks through a short queue, so that the
//! parser never waits for the disk and never runs ahead of memory. Used blocks go back to be filled again.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

use super::error::SnapshotError;
use super::graph::Graph;
use super::lhgraph;
use super::parser::SnapshotParser;
use super::piecework::Piecework;
use super::sink::SnapshotSink;

/// How far a file has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file, compressed as they may be.
    pub bytes_done: u64,
    pub bytes_total: u64,
}

const BLOCK: usize = 256 << 10;
const BLOCKS: usize = 4;

/// V8's snapshots shrink to between a fifth and a fortieth; two million empty objects, at zstd's level 19, to a forty-sixth. A file that grows
/// far beyond that, and beyond what is small in any case, is made to fill memory. (Deflate ends at a thousandth: more than that would
/// refuse no bomb in a .gz.)
pub(super) const BOMB_RATIO: u64 = 250;
const BOMB_FREE: u64 = 64 << 20;

/// Whether so much text from so many bytes of a file is such a one.
pub fn is_bomb(text: u64, packed: u64) -> bool {
    text > BOMB_FREE && text / BOMB_RATIO > packed
}

/// Reads a `.heapsnapshot`, `.heapsnapshot.zst`, `.gz` or `.lhgraph` into a graph. The first bytes tell which, and the name does not.
///
/// `progress` is called for each block; `Break` ends the reading with [`SnapshotError::Cancelled`].
pub fn read_file(path: &Path, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<Graph, SnapshotError> {
    if let Some((file, total)) = open_lhgraph(path)? {
        return lhgraph::read(file, total, progress);
    }
    Ok(read_with(path, Piecework::new(), progress)?.into_graph())
}

/// Reads a text, packed or not, into any sink.
pub fn read_file_into<S: SnapshotSink>(
    path: &Path,
    sink: S,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<S, SnapshotError> {
    read_with(path, Alone { parser: SnapshotParser::new(sink), spent: None }, progress)
}

/// Whoever makes something of a file's text.
pub(super) trait Feed {
    type Read;
    fn feed(&mut self, block: Vec<u8>) -> Result<(), SnapshotError>;
    /// A block that is not needed any more, to be filled again.
    fn spent(&mut self) -> Option<Vec<u8>>;
    fn finish(self) -> Result<Self::Read, SnapshotError>;
}

/// A parser and no more.
struct Alone<S> {
    parser: SnapshotParser<S>,
    spent: Option<Vec<u8>>,
}

impl<S: SnapshotSink> Feed for Alone<S> {
    type Read = S;

    fn feed(&mut self, block: Vec<u8>) -> Result<(), SnapshotError> {
        self.parser.feed(&block)?;
        self.spent = Some(block);
        Ok(())
    }

    fn spent(&mut self) -> Option<Vec<u8>> {
        self.spent.take()
    }

    fn finish(self) -> Result<S, SnapshotError> {
        self.parser.finish()
    }
}

/// A file and its length, if it is a regular one.
fn open_regular(path: &Path) -> Result<(File, u64), SnapshotError> {
    let unreadable = |source| SnapshotError::Unreadable { offset: 0, source };
    // Looked at before it is opened: opening a pipe waits for its other end, and no cancelling reaches us there.
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    if !metadata.is_file() {
        return Err(unreadable(io::Error::other("not a regular file")));
    }
    Ok((File::open(path).map_err(unreadable)?, metadata.len()))
}

/// The file from its beginning, if it is a `.lhgraph`.
fn open_lhgraph(path: &Path) -> Result<Option<(File, u64)>, SnapshotError> {
    let unreadable = |source| SnapshotError::Unreadable { offset: 0, source };
    let (mut file, total) = open_regular(path)?;
    let mut magic = [0; lhgraph::MAGIC.len()];
    let (length, error) = fill(&mut file, &mut magic);
    match error {
        Some(error) => return Err(unreadable(error)),
        None if magic[..length] != lhgraph::MAGIC => return Ok(None),
        None => {}
    }
    file.rewind().map_err(unreadable)?;
    Ok(Some((file, total)))
}

fn read_with<F: Feed>(
    path: &Path,
    mut reader: F,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<F::Read, SnapshotError> {
    let (file, bytes_total) = open_regular(path)?;
    let unreadable = |source| SnapshotError::Unreadable { offset: 0, source };
    let position = Arc::new(AtomicU64::new(0));
    let counted = Counted { file, position: Arc::clone(&position) };
    let mut offset = 0;
    std::thread::scope(|scope| {
        // Dropping the receivers, on any way out, ends the thread at its next block.
        let (full_sender, full) = sync_channel(BLOCKS);
        let (empty, empty_receiver) = channel();
        std::thread::Builder::new()
            .name("leakhunt-read".into())
            .spawn_scoped(scope, move || fill_blocks(counted, &full_sender, &empty_receiver))
            .map_err(unreadable)?;
        loop {
            match full.recv() {
                Ok(Block::Text(block)) => {
                    offset += block.len() as u64;
                    reader.feed(block)?;
                    while let Some(block) = reader.spent() {
                        // The thread may have ended by itself: then nobody needs the block.
                        let _ = empty.send(block);
                    }
                    // Relaxed: a figure for people, that guards nothing.
                    let bytes_done = position.load(Ordering::Relaxed);
                    if is_bomb(offset, bytes_done) {
                        let what = "times its compressed size";
                        return Err(SnapshotError::TooLarge { section: "file", offset, limit: BOMB_RATIO, what });
                    }
                    if progress(Progress { bytes_done, bytes_total }).is_break() {
                        return Err(SnapshotError::Cancelled { offset });
                    }
                }
                Ok(Block::Unreadable(source)) => return Err(SnapshotError::Unreadable { offset, source }),
                Ok(Block::Corrupt(source)) => return Err(SnapshotError::Corrupt { offset, source }),
                Ok(Block::CutShort(source)) => {
                    // A compressed file whose end is missing: say where the snapshot stops, if it has begun.
                    return match reader.finish() {
                        Err(error) if offset > 0 => Err(error),
                        _ => Err(SnapshotError::Corrupt { offset, source }),
                    };
                }
                // The thread is done and gone.
                Err(_) => return reader.finish(),
            }
        }
    })
}

enum Block {
    Text(Vec<u8>),
    Unreadable(io::Error),
    Corrupt(io::Error),
    CutShort(io::Error),
}

/// The reading thread.
fn fill_blocks(file: Counted, full: &SyncSender<Block>, empty: &Receiver<Vec<u8>>) {
    let mut reader = match decoded(file) {
        Ok(reader) => reader,
        Err(error) => return drop(full.send(Block::Unreadable(error))),
    };
    loop {
        let mut block = empty.try_recv().unwrap_or_default();
        block.resize(BLOCK, 0);
        let (length, error) = fill(&mut reader.source, &mut block);
        block.truncate(length);
        if length > 0 && full.send(Block::Text(block)).is_err() {
            return;
        }
        match error {
            None if length == 0 => return,
            None => {}
            Some(error) => {
                let last = match (reader.compressed, error.kind()) {
                    (false, _) => Block::Unreadable(error),
                    (true, io::ErrorKind::UnexpectedEof) => Block::CutShort(error),
                    (true, _) => Block::Corrupt(error),
                };
                return drop(full.send(last));
            }
        }
    }
}

/// Reads until the block is full, the input ends, or an error comes; what was read before an error still counts.
fn fill(reader: &mut dyn Read, block: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut length = 0;
    while length < block.len() {
        match reader.read(&mut block[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (length, Some(error)),
        }
    }
    (length, None)
}

struct Decoded {
    source: Box<dyn Read>,
    compressed: bool,
}

/// The file's text, whatever it is wrapped in.
fn decoded(mut file: Counted) -> io::Result<Decoded> {
    let mut magic = [0; 4];
    let (length, error) = fill(&mut file, &mut magic);
    if let Some(error) = error {
        return Err(error);
    }
    let start = io::Cursor::new(magic[..length].to_vec());
    let whole = start.chain(file);
    Ok(match magic {
        [0x28, 0xb5, 0x2f, 0xfd] => {
            Decoded { source: Box::new(zstd::stream::read::Decoder::new(whole)?), compressed: true }
        }
        [0x1f, 0x8b, ..] => {
            let buffered = io::BufReader::with_capacity(BLOCK, whole);
            Decoded { source: Box::new(flate2::bufread::MultiGzDecoder::new(buffered)), compressed: true }
        }
        _ => Decoded { source: Box::new(whole), compressed: false },
    })
}

/// Tells others how much of the file has been taken.
struct Counted {
    file: File,
    position: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.position.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}
