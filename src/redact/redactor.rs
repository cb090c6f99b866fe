//! The transducer: pieces of a snapshot in, the same pieces with other strings out.

use super::judge::{Edit, Judge};
use super::placeholder::Salt;
use crate::heap::{ClassCounter, SnapshotError, SnapshotParser};
use std::io::{self, Write};

/// Why a snapshot was not redacted. What has been written by then is no snapshot, and holds no text of the app's.
#[derive(Debug, thiserror::Error)]
pub enum RedactError {
    /// The text is not understood, so nothing can be said of what it holds.
    #[error("the text cannot be redacted: {0}")]
    Input(#[from] SnapshotError),
    #[error(transparent)]
    Output(io::Error),
}

/// Redacts one snapshot. Takes pieces of any size; holds back what is not decided yet.
///
/// After an error it is of no further use.
#[derive(Debug)]
pub struct Redactor {
    parser: SnapshotParser<Judge>,
    /// What has been taken and not written, from byte `begin` of the snapshot on.
    held: Vec<u8>,
    begin: u64,
    edits: Vec<Edit>,
}

impl Redactor {
    pub fn new(salt: Salt) -> Redactor {
        Redactor { parser: SnapshotParser::new(Judge::new(salt)), held: Vec::new(), begin: 0, edits: Vec::new() }
    }

    /// Takes the next piece and writes what is decided by it.
    pub fn feed(&mut self, piece: &[u8], out: &mut impl Write) -> Result<(), RedactError> {
        self.parser.feed(piece)?;
        let end = self.begin + (self.held.len() + piece.len()) as u64;
        let open = self.parser.open_text();
        let judge = self.parser.sink_mut();
        let decided = judge.undecided().or(open).unwrap_or(end);
        self.edits.append(&mut judge.take_edits());
        if self.held.is_empty() {
            let known = (decided - self.begin) as usize;
            self.write(&piece[..known], out)?;
            self.held.extend_from_slice(&piece[known..]);
        } else {
            self.held.extend_from_slice(piece);
            self.write_held(decided, out)?;
        }
        Ok(())
    }

    /// After the last piece: writes the rest, if the whole was sound. Gives the count of the classes, under the names that stayed.
    pub fn finish(mut self, out: &mut impl Write) -> Result<ClassCounter, RedactError> {
        self.parser.sink_mut().end_of_strings();
        let edits = self.parser.sink_mut().take_edits();
        self.edits.extend(edits);
        let end = self.begin + self.held.len() as u64;
        self.write_held(end, out)?;
        Ok(self.parser.finish()?.into_classes())
    }

    fn write_held(&mut self, decided: u64, out: &mut impl Write) -> Result<(), RedactError> {
        let mut held = std::mem::take(&mut self.held);
        let known = (decided - self.begin) as usize;
        let written = self.write(&held[..known], out);
        held.drain(..known);
        self.held = held;
        written
    }

    /// Writes the bytes from `begin` on, with the edits that lie in them.
    fn write(&mut self, bytes: &[u8], out: &mut impl Write) -> Result<(), RedactError> {
        let base = self.begin;
        let mut done = 0;
        for edit in self.edits.drain(..) {
            let (start, end) = ((edit.place.start - base) as usize, (edit.place.end - base) as usize);
            out.write_all(&bytes[done..start]).map_err(RedactError::Output)?;
            serde_json::to_writer(&mut *out, &edit.text).map_err(|error| RedactError::Output(error.into()))?;
            done = end;
        }
        self.begin += bytes.len() as u64;
        out.write_all(&bytes[done..]).map_err(RedactError::Output)
    }
}
