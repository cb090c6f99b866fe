//! Why a recorder ends, which decides what becomes of a capture under way.

use std::sync::atomic::{AtomicU8, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Ending {
    /// Code has called `stop()`.
    Wished,
    /// A worker ends, and the process goes on.
    Isolate,
    /// The main thread ends, and the process with it.
    Process,
}

/// Told by the isolate's thread before it closes its channel, and read by the background thread after: release and acquire.
#[derive(Debug, Default)]
pub struct EndingCell(AtomicU8);

impl EndingCell {
    pub fn set(&self, ending: Ending) {
        self.0.store(ending as u8, Ordering::Release);
    }

    pub fn get(&self) -> Ending {
        let ending = self.0.load(Ordering::Acquire);
        [Ending::Isolate, Ending::Process].into_iter().find(|each| *each as u8 == ending).unwrap_or(Ending::Wished)
    }
}
