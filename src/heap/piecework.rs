//! Nodes and edges, read by several threads.
//!
//! Nine bytes of ten are numbers, and where one row ends can be told by counting commas, which is much faster than reading
//! them. So the text is cut at ends of rows, each piece is read by whichever thread is free, and what comes out is put together
//! in the file's order. That holds for any file, compressed or not, whatever blanks are in it.
//!
//! A piece that is not as it should be is read once more, by the parser, which stands exactly before it: so errors name the
//! same byte as ever.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use memchr::{memchr, memchr_iter, memrchr_iter};
use parking_lot::Mutex;

use super::assemble::GraphAssembler;
use super::error::SnapshotError;
use super::open::Feed;
use super::parser::{AmidRows, RowKind, SnapshotParser};
use super::rows::{RowScanner, Stop};
use super::schema::Meta;
use super::sink::SnapshotSink;
use super::totals::Totals;

/// Reads with more threads than this would wait for the one that decompresses, or for the one that puts together.
const MOST_THREADS: usize = 4;
/// A row is never as long as this.
const LONGEST_ROW: usize = 1 << 16;

/// The parser of a graph, with others who read rows for it.
pub(super) struct Piecework {
    parser: SnapshotParser<GraphAssembler>,
    threads: usize,
    hands: Option<Hands>,
    /// Pieces that are being read, in the file's order.
    pieces: VecDeque<Option<Read>>,
    /// The number of the first of them.
    first: u64,
    /// Where the text after the last piece stands.
    cut: Option<Cut>,
    spent: Vec<Vec<u8>>,
    /// Of pieces that were taken over, to be filled again: memory that is let go has to be found anew.
    emptied: Vec<GraphAssembler>,
}

/// An array that is being cut.
struct Cut {
    rows: RowKind,
    fields: usize,
    meta: Arc<Meta>,
    /// The beginning of a row that goes on in the next block, and how many commas it has.
    begun: Vec<u8>,
    commas: usize,
}

/// The threads that read pieces.
struct Hands {
    /// Until they are sent home.
    pieces: Option<Sender<Piece>>,
    read: Receiver<Read>,
    threads: Vec<JoinHandle<()>>,
}

impl Hands {
    fn new(threads: usize) -> Hands {
        let (pieces, queue) = channel::<Piece>();
        let (done, read) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let hand = || {
            let (queue, done) = (Arc::clone(&queue), done.clone());
            move || {
                loop {
                    let next = queue.lock().recv();
                    let Ok(piece) = next else { return };
                    if done.send(read_piece(piece)).is_err() {
                        return;
                    }
                }
            }
        };
        let threads = (0..threads).map(|_| std::thread::spawn(hand())).collect();
        Hands { pieces: Some(pieces), read, threads }
    }
}

impl Drop for Hands {
    fn drop(&mut self) {
        self.pieces = None;
        for thread in self.threads.drain(..) {
            // One that has panicked has said so, and was missed when its piece did not come.
            let _ = thread.join();
        }
    }
}

/// Some whole rows: `begun`, and then `block` up to `end`.
struct Piece {
    number: u64,
    rows: RowKind,
    fields: usize,
    meta: Arc<Meta>,
    begun: Vec<u8>,
    block: Vec<u8>,
    end: usize,
    /// To be filled.
    said: GraphAssembler,
}

/// A piece, with what it said; nothing, if anything is wrong with it.
struct Read {
    piece: Piece,
    said: Option<(u64, Totals)>,
}

impl Piecework {
    pub fn new() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let parser = SnapshotParser::new(GraphAssembler::new());
        Piecework {
            parser,
            threads,
            hands: None,
            pieces: VecDeque::new(),
            first: 0,
            cut: None,
            spent: Vec::new(),
            emptied: Vec::new(),
        }
    }

    /// Reads up to the next row by the parser, and from there on in pieces. False if the block is not all of one array.
    fn begin(&mut self, block: &[u8]) -> Result<Option<usize>, SnapshotError> {
        let Some(AmidRows { rows, fields, meta, commas_to_next_row }) = self.parser.amid_rows() else {
            return Ok(None);
        };
        if self.threads < 2 || memchr(b']', block).is_some() {
            return Ok(None);
        }
        let meta = Arc::new(meta.clone());
        let start = match commas_to_next_row {
            0 => 0,
            more => match memchr_iter(b',', block).nth(more - 1) {
                Some(comma) => comma + 1,
                None => return Ok(None),
            },
        };
        self.parser.feed(&block[..start])?;
        // An array of rows and commas, as far as can be seen: or else the parser has not come to the next row.
        if self.parser.amid_rows().is_none_or(|amid| amid.commas_to_next_row != 0) {
            self.parser.feed(&block[start..])?;
            return Ok(Some(block.len()));
        }
        self.cut = Some(Cut { rows, fields, meta, begun: Vec::new(), commas: 0 });
        Ok(Some(start))
    }

    /// Cuts the block, from `start` on, behind its last row, and has the piece before the cut read.
    fn hand_out(&mut self, mut block: Vec<u8>, start: usize) -> Result<(), SnapshotError> {
        let Some(cut) = &mut self.cut else { unreachable!("an array is being cut") };
        let commas = cut.commas + memchr_iter(b',', &block[start..]).count();
        let left = commas % cut.fields;
        let end = if commas < cut.fields { None } else { memrchr_iter(b',', &block[start..]).nth(left) };
        cut.commas = left;
        let Some(end) = end.map(|comma| start + comma + 1) else {
            cut.begun.extend_from_slice(&block[start..]);
            cut.commas = commas;
            self.spent.push(block);
            return if cut.begun.len() > LONGEST_ROW { self.put_down() } else { Ok(()) };
        };
        let mut begun = std::mem::replace(&mut cut.begun, block[end..].to_vec());
        if start > 0 {
            // Once for each array.
            begun.extend_from_slice(&block[start..end]);
            block.clear();
        }
        let (number, end) = (self.first + self.pieces.len() as u64, end.min(block.len()));
        let said = self.emptied.pop().unwrap_or_default();
        let piece =
            Piece { number, rows: cut.rows, fields: cut.fields, meta: Arc::clone(&cut.meta), begun, block, end, said };
        self.pieces.push_back(None);
        // Threads come when there is work for them: a small file has none.
        let hands = self.hands.get_or_insert_with(|| Hands::new(self.threads));
        let queue = hands.pieces.as_ref().expect("they are sent home at the end");
        queue.send(piece).expect("whoever reads stays until there is no more");
        while self.pieces.len() > 2 * self.threads {
            self.take_one()?;
        }
        Ok(())
    }

    /// Waits for one piece to be read, and takes over what is complete from the first on.
    fn take_one(&mut self) -> Result<(), SnapshotError> {
        let hands = self.hands.as_ref().expect("there are pieces");
        let read = hands.read.recv().expect("whoever reads stays until there is no more");
        let place = (read.piece.number - self.first) as usize;
        self.pieces[place] = Some(read);
        while let Some(Some(_)) = self.pieces.front() {
            let Some(Some(Read { mut piece, said })) = self.pieces.pop_front() else { unreachable!("it was seen") };
            self.first += 1;
            let bytes = (piece.begun.len() + piece.end) as u64;
            let taken = said.and_then(|(count, referred)| {
                self.parser.pass_over(bytes, count, &referred)?;
                self.parser.sink_mut().append(&piece.said);
                Some(())
            });
            if taken.is_none() {
                self.parser.feed(&piece.begun)?;
                self.parser.feed(&piece.block[..piece.end])?;
            }
            self.spent.push(piece.block);
            piece.said.empty();
            self.emptied.push(piece.said);
        }
        Ok(())
    }

    /// Waits for all pieces; the parser goes on from there.
    fn put_down(&mut self) -> Result<(), SnapshotError> {
        while !self.pieces.is_empty() {
            self.take_one()?;
        }
        match self.cut.take() {
            Some(cut) => self.parser.feed(&cut.begun),
            None => Ok(()),
        }
    }
}

impl Feed for Piecework {
    type Read = GraphAssembler;

    fn feed(&mut self, block: Vec<u8>) -> Result<(), SnapshotError> {
        let start = match &self.cut {
            Some(_) if memchr(b']', &block).is_none() => Some(0),
            Some(_) => {
                self.put_down()?;
                None
            }
            None => self.begin(&block)?,
        };
        match start {
            Some(start) if self.cut.is_some() => self.hand_out(block, start),
            Some(_) => {
                self.spent.push(block);
                Ok(())
            }
            None => {
                self.parser.feed(&block)?;
                self.spent.push(block);
                Ok(())
            }
        }
    }

    fn spent(&mut self) -> Option<Vec<u8>> {
        self.spent.pop()
    }

    fn finish(mut self) -> Result<GraphAssembler, SnapshotError> {
        self.put_down()?;
        self.parser.finish()
    }
}

fn read_piece(mut piece: Piece) -> Read {
    let mut referred = Totals::default();
    let mut scanner = RowScanner::amid(piece.fields);
    let rows = &mut piece.said;
    let mut scan = |text: &[u8]| -> Result<Option<usize>, Stop<&'static str>> {
        match piece.rows {
            RowKind::Nodes => scanner.feed(text, |row| {
                rows.node(referred.node(&piece.meta, row)?);
                Ok(())
            }),
            RowKind::Edges => scanner.feed(text, |row| {
                rows.edge(referred.edge(&piece.meta, row)?);
                Ok(())
            }),
        }
    };
    let is_well = matches!(scan(&piece.begun), Ok(None)) && matches!(scan(&piece.block[..piece.end]), Ok(None));
    let is_well = is_well && scanner.commas_to_next_row() == Some(0);
    Read { said: is_well.then(|| (scanner.rows(), referred)), piece }
}
