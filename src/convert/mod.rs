//! One snapshot file into another: unpacked for Chrome DevTools, or redacted.
//!
//! The new file is for its owner alone, replaces nothing that is there, and bears its name only once it is whole and on the disk ([`output`]).

mod columns;
mod input;
mod output;
pub mod redact;
pub mod unpack;

use serde::Serialize;

/// The file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    pub path: String,
    pub bytes: u64,
}
