//! What is done to V8's text on its way to the file: its classes are counted, and unless the user wants it otherwise its contents are taken out.

use crate::heap::{ClassCounter, SnapshotError, SnapshotParser};
use crate::redact::{RedactError, Redactor, Salt};
use std::io::{self, Write};

/// Why a snapshot could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The text is not understood, and so not redacted.
    #[error(transparent)]
    Redaction(SnapshotError),
    /// What was read of the heap's pages cannot be all of it.
    #[error("{0}")]
    Pages(String),
    /// What was read is not as much as V8 has: another fork may be luckier.
    #[error("{0}")]
    Sum(String),
}

impl From<RedactError> for WriteError {
    fn from(error: RedactError) -> WriteError {
        match error {
            RedactError::Input(error) => WriteError::Redaction(error),
            RedactError::Output(error) => WriteError::Io(error),
        }
    }
}

/// One parse serves both: counting costs the child next to nothing beside redacting.
pub enum Passage {
    Redact(Box<Redactor>),
    Count(Box<SnapshotParser<ClassCounter>>),
    /// The text could not be understood, and is kept as it is, without a histogram: nobody asked for a redaction.
    Copy {
        why: SnapshotError,
    },
}

impl Passage {
    pub fn new(redaction: Option<Salt>) -> Passage {
        match redaction {
            Some(salt) => Passage::Redact(Box::new(Redactor::new(salt))),
            None => Passage::Count(Box::new(SnapshotParser::new(ClassCounter::new()))),
        }
    }

    pub fn redacts(&self) -> bool {
        matches!(self, Passage::Redact(_))
    }

    pub fn take(&mut self, chunk: &[u8], out: &mut impl Write) -> Result<(), WriteError> {
        if let Passage::Count(counter) = self
            && let Err(why) = counter.feed(chunk)
        {
            *self = Passage::Copy { why };
        }
        match self {
            Passage::Redact(redactor) => Ok(redactor.feed(chunk, out)?),
            _ => Ok(out.write_all(chunk)?),
        }
    }

    /// Writes the rest. The counts, or why there are none.
    pub fn finish(self, out: &mut impl Write) -> Result<Result<ClassCounter, SnapshotError>, WriteError> {
        match self {
            Passage::Redact(redactor) => Ok(Ok(redactor.finish(out)?)),
            Passage::Count(counter) => Ok(counter.finish()),
            Passage::Copy { why } => Ok(Err(why)),
        }
    }
}
