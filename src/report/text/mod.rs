//! One screen of plain text for each document.
//!
//! Names in a heap belong to whoever made them, and that may be an attacker: everything from a document goes through
//! [`clean`](clean::clean) before it meets a terminal. No line is longer than the width that was asked for, except where a
//! path on disk or a command has to stay in one piece to be copied.

mod census;
mod clean;
mod diff;
mod elsewhere;
mod inspect;
mod observations;
mod page;
mod retainers;
mod suspect;
mod verdict;

pub use census::census;
pub use clean::clean;
pub use diff::diff;
pub use inspect::answer;
pub use retainers::retainers;
pub use verdict::verdict;
