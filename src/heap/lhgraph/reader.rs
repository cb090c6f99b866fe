//! From a file to a graph: this thread reads blocks and puts together what they say, others unpack them.

use std::io::{self, Read};
use std::ops::ControlFlow;

use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::VecDeque;

use super::block::{self, BlockHead, LONGEST_BODY};
use super::header::{self, Header, NoHeader};
use super::{Fault, Section, VERSION};
use crate::heap::error::SnapshotError;
use crate::heap::graph::Graph;
use crate::heap::open::{BOMB_RATIO, Progress, is_bomb};

mod assembly;
mod unfold;

use assembly::Assembly;
use unfold::{Rows, Unfolder};

/// More threads would wait for the one that puts together.
const MOST_THREADS: usize = 4;
/// Of a smaller file there is nothing to share.
const WORTH_SHARING: u64 = 1 << 17;

/// A block on its way to whoever unfolds it.
struct Block {
    number: u64,
    section: Option<Section>,
    head: BlockHead,
    /// Where in the file it begins.
    at: u64,
    body: Vec<u8>,
}

struct Unfolded {
    number: u64,
    rows: Result<Rows, SnapshotError>,
}

/// Reads a file of `total` bytes from its beginning; the magic has been seen.
pub fn read(
    file: impl Read,
    total: u64,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Graph, SnapshotError> {
    let (header, mut blocks) = Blocks::open(file, total)?;
    let threads = if total < WORTH_SHARING { 0 } else { std::thread::available_parallelism().map_or(1, usize::from) };
    let threads = if threads < 2 { 0 } else { threads.min(MOST_THREADS) };
    let mut assembly = Assembly::new(&header);
    std::thread::scope(|scope| {
        let (tasks, queue) = unbounded::<Block>();
        let (done, unfolded) = unbounded();
        for _ in 0..threads {
            let (queue, done, header) = (queue.clone(), done.clone(), &header);
            scope.spawn(move || unfold_all(&queue, &done, header));
        }
        let mut hands = Hands {
            tasks,
            unfolded,
            waiting: VecDeque::new(),
            first: 0,
            most: 2 * threads,
            own: if threads == 0 { Some(Unfolder::new().map_err(blocks.unreadable())?) } else { None },
        };
        while let Some(block) = blocks.next()? {
            progress_or_stop(progress, blocks.offset, total)?;
            hands.give(block, &header, &mut assembly)?;
        }
        hands.rest(&mut assembly)
        // Dropping `tasks`, on any way out, ends the threads.
    })?;
    assembly.finish(blocks.offset)
}

fn progress_or_stop(
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    offset: u64,
    total: u64,
) -> Result<(), SnapshotError> {
    match progress(Progress { bytes_done: offset, bytes_total: total }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(SnapshotError::Cancelled { offset }),
    }
}

fn unfold_all(queue: &Receiver<Block>, done: &Sender<Unfolded>, header: &Header) {
    let mut unfolder = Unfolder::new();
    for block in queue {
        let rows = match &mut unfolder {
            Ok(unfolder) => unfolder.unfold(&block, header),
            Err(error) => Err(SnapshotError::Unreadable { offset: block.at, source: error.kind().into() }),
        };
        if done.send(Unfolded { number: block.number, rows }).is_err() {
            return;
        }
    }
}

/// Those who unfold, and what they have done, in the file's order.
struct Hands {
    tasks: Sender<Block>,
    unfolded: Receiver<Unfolded>,
    waiting: VecDeque<Option<Result<Rows, SnapshotError>>>,
    /// The number of the first that waits.
    first: u64,
    most: usize,
    /// Where there are no threads.
    own: Option<Unfolder>,
}

impl Hands {
    fn give(&mut self, block: Block, header: &Header, assembly: &mut Assembly<'_>) -> Result<(), SnapshotError> {
        if let Some(own) = &mut self.own {
            return assembly.add(own.unfold(&block, header)?);
        }
        self.waiting.push_back(None);
        self.tasks.send(block).expect("whoever unfolds stays until there is no more");
        while self.waiting.len() > self.most {
            self.take_one(assembly)?;
        }
        Ok(())
    }

    /// Waits for one block, and adds what is complete from the first on.
    fn take_one(&mut self, assembly: &mut Assembly<'_>) -> Result<(), SnapshotError> {
        let unfolded = self.unfolded.recv().expect("whoever unfolds stays until there is no more");
        self.waiting[(unfolded.number - self.first) as usize] = Some(unfolded.rows);
        while let Some(Some(_)) = self.waiting.front() {
            self.first += 1;
            if let Some(Some(rows)) = self.waiting.pop_front() {
                assembly.add(rows?)?;
            }
        }
        Ok(())
    }

    fn rest(&mut self, assembly: &mut Assembly<'_>) -> Result<(), SnapshotError> {
        while !self.waiting.is_empty() {
            self.take_one(assembly)?;
        }
        Ok(())
    }
}

/// The file as blocks. What can be told from a block's head is checked here.
struct Blocks<R> {
    file: io::Chain<io::Cursor<Vec<u8>>, R>,
    total: u64,
    offset: u64,
    number: u64,
    section: Section,
    /// Memory that all rows so far take.
    unfolded: u64,
    /// Rows that are still to come of each section, for the name of the one in which a file was cut.
    left: [u64; Section::ALL.len()],
    ended: bool,
}

impl<R: Read> Blocks<R> {
    fn open(mut file: R, total: u64) -> Result<(Header, Blocks<R>), SnapshotError> {
        const SECTION: &str = "header";
        let mut start = vec![0; header::LONGEST];
        let known = fill(&mut file, &mut start).map_err(|source| SnapshotError::Unreadable { offset: 0, source })?;
        start.truncate(known);
        let (header, length) = Header::read(&start).map_err(|why| match why {
            NoHeader::Short => SnapshotError::Truncated { section: SECTION, offset: known as u64 },
            NoHeader::Version(found) => SnapshotError::Version { offset: header::VERSION_AT, found, expected: VERSION },
            NoHeader::Fault(fault) => told(SECTION, 0, fault),
        })?;
        start.drain(..length);
        let left =
            [header.nodes, header.edges, header.places, header.locations, header.attachments, 0, header.strings, 0];
        let blocks = Blocks {
            file: io::Cursor::new(start).chain(file),
            total,
            offset: length as u64,
            number: 0,
            section: Section::Nodes,
            unfolded: 0,
            left,
            ended: false,
        };
        Ok((header, blocks))
    }

    fn unreadable(&self) -> impl Fn(io::Error) -> SnapshotError + use<R> {
        let offset = self.offset;
        move |source| SnapshotError::Unreadable { offset, source }
    }

    /// The next block, with nothing of its body looked at; none once the end has been seen, and the file ends with it.
    fn next(&mut self) -> Result<Option<Block>, SnapshotError> {
        let at = self.offset;
        let mut head = [0; block::HEAD];
        let got = fill(&mut self.file, &mut head).map_err(self.unreadable())?;
        self.offset += got as u64;
        if self.ended {
            return if got == 0 { Ok(None) } else { Err(told("end", at, "there is more behind it".into())) };
        }
        if got < head.len() {
            return Err(SnapshotError::Truncated { section: self.unfinished(), offset: self.offset });
        }
        let head = BlockHead::read(&head);
        let section = Section::of(head.section);
        let name = section.map_or("other", Section::name);
        let wrong = |reason: String| Err(told(name, at, Fault::Malformed(reason)));
        let length = head.length as usize;
        if length > LONGEST_BODY {
            return wrong(format!("a block of {length} bytes, expected {LONGEST_BODY} at most"));
        }
        if u64::from(head.length) > self.total.saturating_sub(self.offset) {
            return Err(SnapshotError::Truncated { section: name, offset: self.total.max(self.offset) });
        }
        let mut body = vec![0; length];
        let got = fill(&mut self.file, &mut body).map_err(self.unreadable())?;
        self.offset += got as u64;
        if got < length {
            return Err(SnapshotError::Truncated { section: name, offset: self.offset });
        }
        if let Some(section) = section {
            if section < self.section {
                return wrong(format!("it comes after `{}`", self.section.name()));
            }
            let rows = head.rows as usize;
            if rows > section.most_rows() || (rows == 0) != (section == Section::End) {
                return wrong(format!("a block of {rows} rows, expected 1 to {}", section.most_rows()));
            }
            self.section = section;
            self.ended = section == Section::End;
            self.count(section, rows as u64, at)?;
        }
        self.number += 1;
        Ok(Some(Block { number: self.number - 1, section, head, at, body }))
    }

    fn count(&mut self, section: Section, rows: u64, at: u64) -> Result<(), SnapshotError> {
        if let Some(place) = Section::ALL.iter().position(|each| *each == section) {
            self.left[place] = self.left[place].saturating_sub(rows);
        }
        self.unfolded = self.unfolded.saturating_add(rows * section.row_bytes());
        if is_bomb(self.unfolded, self.offset) {
            let what = "times its size in memory";
            return Err(SnapshotError::TooLarge { section: section.name(), offset: at, limit: BOMB_RATIO, what });
        }
        Ok(())
    }

    /// The section of which rows are missing.
    fn unfinished(&self) -> &'static str {
        let sections = Section::ALL.iter().zip(self.left);
        let missing = sections.into_iter().find(|(section, left)| **section >= self.section && *left > 0);
        missing.map_or("end", |(section, _)| section.name())
    }
}

fn told(section: &'static str, offset: u64, fault: Fault) -> SnapshotError {
    match fault {
        Fault::Damaged(reason) => SnapshotError::Damaged { section, offset, reason },
        Fault::Malformed(reason) => SnapshotError::Malformed { section, offset, reason },
    }
}

/// As much as there is.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}
