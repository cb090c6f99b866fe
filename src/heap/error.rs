//! Why a snapshot could not be read: one line that names the place.

use std::io;

/// A reason and the place: the section of the file and the byte, counted from 0 in the decoded text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    #[error("snapshot is empty")]
    Empty,
    /// The text ended inside `section`; `offset` is the byte at which it ran out.
    #[error("snapshot ends inside `{section}` at byte {offset}")]
    Truncated { section: &'static str, offset: u64 },
    #[error("not json at byte {offset}: {reason}")]
    NotJson { offset: u64, reason: &'static str },
    /// JSON, but nothing that V8 wrote.
    #[error("not a heap snapshot at byte {offset}: {reason}")]
    NotASnapshot { offset: u64, reason: &'static str },
    #[error("malformed snapshot in `{section}` at byte {offset}: {reason}")]
    Malformed { section: &'static str, offset: u64, reason: String },
    /// More than the 32-bit tables hold.
    #[error("snapshot is too large in `{section}` at byte {offset}: more than {limit} {what}")]
    TooLarge { section: &'static str, offset: u64, limit: u64, what: &'static str },
    /// A missing file, a directory, a failing disk.
    #[error("cannot read snapshot at byte {offset}: {source}")]
    Unreadable { offset: u64, source: io::Error },
    /// The zstd or gzip stream is damaged; `offset` counts the bytes that came out before.
    #[error("cannot decompress snapshot after byte {offset} of its text: {source}")]
    Corrupt { offset: u64, source: io::Error },
    /// The bytes are not those that were written.
    #[error("snapshot is damaged in `{section}` at byte {offset}: {reason}")]
    Damaged { section: &'static str, offset: u64, reason: &'static str },
    #[error("snapshot is a .lhgraph of version {found} at byte {offset}: expected version {expected}")]
    Version { offset: u64, found: u32, expected: u32 },
    /// The caller's progress function asked to stop.
    #[error("reading was cancelled at byte {offset}")]
    Cancelled { offset: u64 },
}

impl SnapshotError {
    /// The stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            SnapshotError::Empty => "ERR_LEAKHUNT_SNAPSHOT_EMPTY",
            SnapshotError::Truncated { .. } => "ERR_LEAKHUNT_SNAPSHOT_TRUNCATED",
            SnapshotError::NotJson { .. } => "ERR_LEAKHUNT_SNAPSHOT_NOT_JSON",
            SnapshotError::NotASnapshot { .. } => "ERR_LEAKHUNT_SNAPSHOT_NOT_A_SNAPSHOT",
            SnapshotError::Malformed { .. } => "ERR_LEAKHUNT_SNAPSHOT_MALFORMED",
            SnapshotError::TooLarge { .. } => "ERR_LEAKHUNT_SNAPSHOT_TOO_LARGE",
            SnapshotError::Unreadable { .. } => "ERR_LEAKHUNT_SNAPSHOT_UNREADABLE",
            SnapshotError::Corrupt { .. } | SnapshotError::Damaged { .. } => "ERR_LEAKHUNT_SNAPSHOT_CORRUPT",
            SnapshotError::Version { .. } => "ERR_LEAKHUNT_SNAPSHOT_VERSION",
            SnapshotError::Cancelled { .. } => "ERR_LEAKHUNT_SNAPSHOT_CANCELLED",
        }
    }
}
